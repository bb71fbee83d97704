"""awk: a language for lines and fields, as busybox 1.35 speaks it.

A text becomes a tree (`lexer`, `parser`, `syntax`), the tree is walked by `machine`, which reads (`records`), writes
(`outputs`) and calls the functions of the language (`library`). Bytes are characters: a text is decoded as latin-1.
"""
