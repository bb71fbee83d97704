"""Recorded sessions with a Docker daemon; pure, and without knowledge of the engine, which a recording may accuse.

`model` is the vocabulary: exchanges, bodies, frames. `bodies` makes it of bytes and back, `documents` of YAML and back,
and `store` is the only module that opens files. `redaction` takes secrets out by where they stand, `masking` finds
again what was taken out. `references` numbers what a session invented, `correspondence` says what it is in another
session. `matching` tells whether a request is a recorded one, `player` finds its answer, `diff` compares answers.
"""
