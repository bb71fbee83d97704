"""Names of containers: which are allowed, and how a container without one is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Final

from fakedocker.engine import errors

PATTERN: Final = re.compile(r"/?[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MOODS: Final = _words(
    """
    able bold brave bright brisk busy calm careful cheerful clever cosy curious daring deft eager earnest fair
    famous fearless fond frank free friendly gallant gentle glad graceful grand happy hardy hearty honest
    hopeful humble jolly keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble patient
    peaceful plucky polite proud quick quiet quirky ready sharp shy silent sincere smart snug sober steady stoic
    sturdy sunny swift tender thrifty tidy tranquil trusty upbeat valiant vivid warm wise witty young zealous
    """
)
PEOPLE: Final = _words(
    """
    abel agnesi ampere archimedes avogadro babbage banach bell bernoulli bohr boltzmann boole bose boyle brahe
    cantor carson cauchy cavendish celsius chandrasekhar clausius copernicus coulomb curie dalton darwin davy
    descartes dirac eddington edison einstein euclid euler faraday fermat fermi feynman fibonacci fourier
    franklin galileo galois gauss germain goedel goodall halley hamilton heisenberg hertz hilbert hooper hopper
    hubble huygens hypatia joule kepler kowalevski lagrange laplace lavoisier leibniz linnaeus lovelace mach
    maxwell meitner mendel mendeleev mirzakhani newton noether nobel ohm pascal pasteur pauling planck poincare
    ptolemy pythagoras ramanujan riemann rutherford sagan schroedinger shannon somerville tesla thales torvalds
    turing volta wallace watt wiles wright yalow yonath
    """
)


def check(name: str) -> str:
    """Return a name as it is kept, without the slash that it may begin with. Raises InvalidParameter."""
    if not PATTERN.fullmatch(name):
        raise errors.invalid_container_name(name)
    return name.removeprefix("/")


def generate(random_bytes: Callable[[int], bytes], taken: Container[str]) -> str:
    """Return a name that is not taken; the more often one was, the longer the number behind it."""
    attempt = 0
    while True:
        mood, person, digits = (int.from_bytes(random_bytes(4)) for _ in range(3))
        name = f"{MOODS[mood % len(MOODS)]}_{PEOPLE[person % len(PEOPLE)]}"
        if attempt > 0:
            name += str(digits % 10**attempt)
        if name not in taken:
            return name
        attempt += 1
