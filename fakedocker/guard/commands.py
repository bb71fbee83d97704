"""Which daemon a command would speak to: `docker -H tcp://… ps`, `sh -c "docker ps"`, `ssh host docker system …`.

Only what can be known without running it: a host that is in a variable of the shell is nobody's.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from fakedocker.guard.places import STANDARD

_PROGRAMS = frozenset({"docker", "docker-compose"})
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash", "ksh"})
#: Programs that run the rest of their words.
_CARRIERS = frozenset({"sudo", "env", "exec", "command", "nohup", "time", "timeout", "nice"})
_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)

#: Options of `docker` in front of the command, that take a word.
_TAKES_WORD = frozenset({"--config", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"})
#: Commands that ask no daemon.
_ALONE = frozenset({"help", "context", "completion", "--help", "-h", "--version", "-v"})
_ALONE_OF = frozenset({("compose", "version"), ("compose", "config"), ("buildx", "version")})

#: Who is spoken to behind a context, of which only its user knows where it leads.
SOME_CONTEXT = "context://"


class Reached(NamedTuple):
    """A daemon that is spoken to. `address`: as $DOCKER_HOST would have it, or `context://NAME` for a context of
    docker's. `command`: by which command; without its arguments, since passwords may be among them.
    """

    address: str
    command: str


def reached(words: Sequence[str], environ: Mapping[str, str]) -> Reached | None:
    """Return the daemon that a command speaks to; None if it speaks to none."""
    for command, own in _commands(list(words)):
        where = _reached(command, {**environ, **own})
        if where is not None:
            return where
    return None


def _commands(words: list[str]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield the commands that a command line comes down to, each with the variables that are set for it."""
    own: dict[str, str] = {}
    while words:
        found = _ASSIGNMENT.fullmatch(words[0])
        if found:
            own[found[1]] = found[2]
        elif _name(words[0]) not in _CARRIERS:
            break
        words = words[1:]
        while words and _is_carriers(words[0]):
            words = words[1:]
    if not words:
        return
    if _name(words[0]) in _SHELLS:
        for script in _scripts(words):
            for command in _of_script(script):
                for inner, more in _commands(command):
                    yield inner, {**own, **more}
    else:
        yield words, own


def _is_carriers(word: str) -> bool:
    """Tell whether a word belongs to the program that carries another: an option, or a time-out."""
    return word.startswith("-") or word.replace(".", "").rstrip("smhd").isdigit()


def _scripts(words: list[str]) -> Iterator[str]:
    for option, script in pairwise(words[1:]):
        if option.startswith("-") and not option.startswith("--") and option.endswith("c"):
            yield script
            return


def _of_script(script: str) -> Iterator[list[str]]:
    """Yield the simple commands of a shell script, as well as they can be told without a shell."""
    for line in script.splitlines():
        reader = shlex.shlex(line, posix=True, punctuation_chars="();<>|&`")
        reader.whitespace_split = True
        command: list[str] = []
        try:
            for word in reader:
                if word[0] in "();|&`" or word in ("$", "!", "{", "}", "then", "do", "else", "if", "while"):
                    yield command
                    command = []
                else:
                    command.append(word)
        except ValueError:  # an open quote: the rest is no command
            pass
        yield command


def _reached(words: Sequence[str], environ: Mapping[str, str]) -> Reached | None:
    name = _name(words[0])
    if name == "ssh" and "dial-stdio" in words:
        return Reached(f"ssh://{words[words.index('docker') - 1] if 'docker' in words[1:] else 'host'}", "ssh")
    if name not in _PROGRAMS:
        return None
    host, context = environ.get("DOCKER_HOST", ""), environ.get("DOCKER_CONTEXT", "")
    if not host and context not in ("", "default"):  # docker 28: $DOCKER_HOST is stronger
        host = SOME_CONTEXT + context
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        option, given, value = rest.pop(0).partition("=")
        if option in _ALONE:
            return None
        if option.startswith("-H") and len(option) > 2:  # -Htcp://…
            option, given, value = "-H", "=", option[2:]
        if option in ("-H", "--host", "-c", "--context") and not (name == "docker-compose" and option == "-c"):
            value = value if given else (rest.pop(0) if rest else "")
            host = value if option in ("-H", "--host") else f"{SOME_CONTEXT}{value}"
        elif (option in _TAKES_WORD or name == "docker-compose") and not given and rest:
            rest.pop(0)
    if not rest or rest[0] in _ALONE or tuple(rest[:2]) in _ALONE_OF:
        return None
    if name == "docker-compose" and ("compose", rest[0]) in _ALONE_OF:
        return None
    if host == f"{SOME_CONTEXT}default":
        host = environ.get("DOCKER_HOST", "")
    return Reached(host or STANDARD, f"{name} {rest[0]}")


def _name(word: str) -> str:
    return os.path.basename(word.replace("\\", "/")).lower().removesuffix(".exe")
