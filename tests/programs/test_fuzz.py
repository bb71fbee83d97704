"""Whatever a container is told to run: the daemon neither fails nor hangs, and others go on meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programs.conftest import Container

from fakedocker import FakeDocker
from fakedocker.engine.processes.processes import MOST_MEMORY, MOST_PROCESSES

PATIENT = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to find something smaller takes too long where it is slow
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
#: Real seconds after which something hangs.
HANGS = 60
#: How often a program may be given time on its clock before it is killed.
TURNS = 10


@contextmanager
def not_hanging() -> Iterator[None]:
    """Raise in what takes too long of the machine's time."""

    def hangs(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"nothing has happened for {HANGS} seconds")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def survives(*argv: str, typed: bytes | None = None) -> None:
    """Run a program for a while, kill it, and look whether anything is left or went wrong."""
    container = Container()
    with not_hanging():
        container.start(*argv)
        if typed is not None:
            while typed and container.code is None:
                taken = container.stdin.put(typed)
                typed = typed[taken:]
                container.scheduler.run()
                if not taken and (due := container.clock.next_due()) is not None:
                    container.advance(max(0.0, due - container.clock.now()))
                elif not taken:
                    break
            container.end_input()
        for _ in range(TURNS):
            due = container.clock.next_due()
            if container.code is not None or due is None:
                break
            container.advance(max(0.0, due - container.clock.now()))
        container.kill(signal.SIGKILL)
    assert not container.crashes
    assert list(container.table) == []
    assert container.table.memory == 0


# -- lines of the shell's grammar -----------------------------------------------------------------------

names = st.sampled_from(["x", "y", "PATH", "IFS", "HOME", "f", "1", "@", "*", "#", "?", "$", "!", "-", "0", "10", ""])
letters = st.text(st.sampled_from("ab01 \t-/.*?[]!^~=+%#:,{}\\\x7f\x00é\udc80"), max_size=6)
atoms = st.one_of(
    st.sampled_from(["a", "/bin", "*", "~", "-n", "/f", "1", "-1", "9223372036854775807", "", "/dev/zero", "/proc/1"]),
    letters.map(lambda text: text.replace(" ", "")),
    letters.map(lambda text: "'" + text + "'"),
    letters.map(lambda text: '"' + text + '"'),
    names.map(lambda name: "$" + name),
)


def longer_words(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([":-", "-", ":=", "=", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/", "//", ":", ""])
    arithmetic = st.sampled_from(["+", "-", "*", "/", "%", "**", "<<", ">>", "&&", "?", ":", "=", "+=", ",", "++", "("])
    return st.one_of(
        st.builds(lambda name, operator, word: f"${{{name}{operator}{word}}}", names, operators, words),
        st.builds(lambda name: f"${{#{name}}}", names),
        st.builds(lambda left, operator, right: f"$(({left}{operator}{right}))", words, arithmetic, words),
        st.builds(lambda word: f"$(echo {word})", words),
        st.builds(lambda word: f"`echo {word}`", words),
        st.builds(lambda word: f'"{word}"', words),
        st.builds(lambda left, right: left + right, words, words),
    )


words = st.recursive(atoms, longer_words, max_leaves=6)
PROGRAMS = """
    echo printf cat test [ expr seq sort head tail cut tr sed grep wc uniq tee xargs find ls mkdir rm cp mv ln touch set
    export unset read eval exec trap shift local return break continue exit cd umask kill wait true false sleep env date
    stat truncate readlink basename base64 yes id ps sh . command type alias getopts let ulimit times f
"""
programs = st.sampled_from(PROGRAMS.split())
calls = st.builds(lambda name, more: " ".join([name, *more]), programs, st.lists(words, max_size=4))
redirections = st.builds(
    lambda number, operator, word: f" {number}{operator}{word or 'x'}",
    st.sampled_from(["", "0", "1", "2", "9", "300"]),
    st.sampled_from([">", ">>", "<", "<>", ">&", "<&", ">|", "&>"]),
    words,
)
simple = st.one_of(
    calls,
    st.builds(lambda call, redirection: call + redirection, calls, redirections),
    st.builds(lambda name, word: f"{name}={word}", st.sampled_from(["x", "y", "IFS", "PATH", "f"]), words),
    st.builds(lambda word, text: f"cat <<E\n{word}{text}\nE\n", words, letters),
)


def longer_commands(commands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.sampled_from([" | ", " && ", " || ", "; ", " & ", "\n"])
    return st.one_of(
        st.builds(lambda left, how, right: left + how + right, commands, joined, commands),
        st.builds(lambda body: f"( {body}\n)", commands),
        st.builds(lambda body: f"{{ {body}\n}}", commands),
        st.builds(lambda body: f"! {body}", commands),
        st.builds(lambda test, body: f"if {test}\nthen {body}\nelse :; fi", commands, commands),
        st.builds(lambda test, body: f"while {test}\ndo {body}\ndone", commands, commands),
        st.builds(lambda word, body: f"for x in {word} a b; do {body}\ndone", words, commands),
        st.builds(lambda word, body: f"case {word} in {word or 'a'}) {body}\n;; *) :;; esac", words, commands),
        st.builds(lambda body: f"f() {{ {body}\n}}; f", commands),
        st.builds(lambda body: f"x=$({body}\n)", commands),
        st.builds(lambda body: f"trap '{body.replace(chr(39), '')}' EXIT TERM; kill -TERM $$", commands),
    )


scripts = st.recursive(simple, longer_commands, max_leaves=8)


@PATIENT
@given(scripts)
def test_a_script_of_the_grammar_does_no_harm(script: str) -> None:
    survives("sh", "-c", script.replace("\0", ""))


@PATIENT
@given(st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_on_the_input_of_a_shell_do_no_harm(typed: bytes) -> None:
    survives("sh", typed=typed)


@PATIENT
@given(
    st.lists(
        st.sampled_from(["$", "(", ")", "{", "}", "`", '"', "'", "<<E", "\n", "E", ";", "|", "&", "x", "[[", "\\"])
    )
)
def test_any_signs_of_the_grammar_do_no_harm(signs: list[str]) -> None:
    survives("sh", "-c", "".join(signs))


@PATIENT
@given(programs, st.lists(st.one_of(letters, words), max_size=5), st.binary(max_size=100))
def test_any_words_for_any_program_do_no_harm(name: str, words: list[str], typed: bytes) -> None:
    survives("sh", "-c", '"$@"', "sh", name, *(word.replace("\0", "") for word in words), typed=typed)


# -- programs that want the whole machine -----------------------------------------------------------------

BURNERS = {
    "a loop": "while :; do :; done",
    "a loop of programs": "while true; do true; done",
    "output for nobody": "yes > /dev/null",
    "output for all": "yes",
    "a pipe": "yes | cat > /dev/null",
    "a file": "yes > /f",
    "zeros in a file": "head -c 99999999999 /dev/zero > /f",
    "a variable that doubles": "x=x; while :; do x=$x$x; done",
    "variables without end": (
        "x=$(head -c 4000000 /dev/zero | tr '\\0' x); while :; do i=$((i+1)); eval v$i=\\$x$i; done"
    ),
    "words without end": 'set -- x; while :; do set -- "$@" "$@"; done',
    "children without end": "f() { f | f & }; f; sleep 100",
    "children with much memory": (
        "x=$(head -c 4000000 /dev/zero | tr '\\0' x); for i in $(seq 600); do (x=$x$i; sleep 100)& done; wait"
    ),
    "a function that calls itself": "f() { f; }; f",
    "a substitution that calls itself": "f() { x=$(f); }; f",
    "a script that runs itself": "echo 'sh /s' > /s; sh /s",
    "a script that sources itself": "echo '. /s' > /s; . /s",
    "a trap that signals itself": "trap 'kill -TERM $$' TERM; kill -TERM $$; while :; do :; done",
    "many numbers": "seq 1 999999999 > /dev/null",
    "many numbers in a variable": "x=$(seq 1 999999999)",
    "a wide field": "printf '%999999999s' x; printf '%*d' 999999999 1; printf %.999999999d 1",
    "endless sorting": "yes | sort",
    "an endless line": "cat /dev/zero | tail -n 1",
    "an endless line for sed": "cat /dev/zero | sed s/a/b/",
    "a hold space that grows": "yes | sed -n H",
    "a pattern space that grows": "echo a | sed ':a; s/a/aa/g; ba'",
    "a copy to many": "yes | tee /f /g > /dev/null",
    "names without end": "while :; do i=$((i+1)); echo > /f$i; done",
    "directories without end": "while :; do mkdir d; cd d; done",
    "file names without end": "echo /*/*/*/*/../../../*/*/*/*/../../../../*/*/*/*",
    "large numbers": "echo $((2**9999999999)); x=9; while :; do x=$((x*x)); done",
    "deep nesting": "(" * 3000 + "echo" + ")" * 3000,
    "deep substitution": "echo " + "$(" * 400 + "echo x" + ")" * 400,
    "a catastrophic expression": (
        "x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo $x | grep -E '(a|aa)*(a*)*b'; expr $x : '\\(a*\\)*b'"
    ),
    "very short sleeps": "while :; do sleep 0.00001; done",
    "background sleeps": "while :; do sleep 1000 & done",
    "descriptors": 'i=3; while :; do i=$((i+1)); eval "exec $i>/dev/null"; done',
}


@pytest.fixture(scope="module")
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker() as daemon:
        yield daemon


@pytest.mark.parametrize("script", BURNERS.values(), ids=BURNERS)
def test_a_program_that_burns_leaves_others_their_turn_and_can_be_killed(daemon: FakeDocker, script: str) -> None:
    engine = daemon.engine
    burner = engine.run("base", "sh", "-c", script)
    witness = engine.run("base", "sh", "-c", "while sleep 0.01; do echo; done")
    deadline = time.monotonic() + HANGS
    while len(engine.logs(witness)) < 20:
        assert time.monotonic() < deadline, "nobody else had a turn"
        time.sleep(0.01)
    assert burner.run is not None
    processes = burner.run.processes
    assert processes.memory <= MOST_MEMORY
    assert len(list(processes)) <= MOST_PROCESSES
    for container in (burner, witness):
        engine.kill(container)
        assert not container.running
        engine.remove(container)
    daemon.check()
