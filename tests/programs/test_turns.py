"""Programs that compute for long let others have their turn meanwhile, or say that it is too much."""

from __future__ import annotations

import pytest

from fakedocker.programs.turns import LONGEST_TURN, Turn

#: Makes $x a text of 65,536 characters.
LONG_TEXT = "x=a; i=0; while [ $i -lt 16 ]; do x=$x$x; i=$((i+1)); done; "
ESCAPES = r"x='\n\t'; i=0; while [ $i -lt 15 ]; do x=$x$x; i=$((i+1)); done; "


def test_a_turn_is_over_after_so_much_work_and_then_the_next_one_begins() -> None:
    turn = Turn()
    assert not turn.is_over(LONGEST_TURN - 1)
    assert turn.is_over(1)
    assert not turn.is_over(LONGEST_TURN - 1)


def rounds(container, prepare: str, work: str) -> int:
    """Return how often a loop beside it goes round while `work` is done."""
    result = container.run(
        "sh", "-c", f"{prepare}(n=0; while :; do n=$((n+1)); echo $n > /tmp/n; done) & {work} >/dev/null; cat /tmp/n"
    )
    assert result.err == ""
    return int(result.out or 0)


@pytest.mark.parametrize(
    ("prepare", "work", "least"),
    [
        (LONG_TEXT, 'echo $x | sed "s/a/b/g"', 100),
        ("seq 1 5000 >/tmp/lines; ", 'sed "s/1/x/g; s/2/y/" /tmp/lines', 30),
        (LONG_TEXT, 'echo $x | grep "a*a*b" | cat', 100),
        (LONG_TEXT, "echo $x | grep -o a", 100),
        (ESCAPES, 'printf %b "$x"', 30),
        (ESCAPES, 'echo -e "$x"', 30),
        ("", 'printf "%s\\n" $(seq 1 20000)', 30),
        ("x=$(printf %02000d 0); ", "echo ${x//0*1/x}", 30),
        ("", 'eval "$(seq 1 5000 | sed s/^/:/)" 2>/dev/null', 30),
        ("seq 1 20000 >/tmp/lines; ", "uniq -c /tmp/lines", 30),
        ("set -- $(seq 1 2000); ", 'for i in "$@"; do :; done', 1000),
    ],
)
def test_a_loop_beside_it_goes_on_while_a_program_computes(container, prepare: str, work: str, least: int) -> None:
    assert rounds(container, prepare, work) >= least


@pytest.mark.parametrize(
    ("work", "complaint"),
    [
        ('y=$(printf %0500d 0); echo $x | sed "s/a/$y/g"', "sed: line too long"),
        ('echo a | sed ":l;s/.*/&&/;bl"', "sed: line too long"),
        ('echo a | sed ":l;h;G;bl"', "sed: line too long"),
        ("[[ $x =~ a*a*a*b ]]", "sh: a*a*a*b: line too long for this regular expression"),
        ('expr $x : "a*a*a*b"', "expr: line too long for this regular expression"),
        ("y=$(printf %0500d 0); echo ${x//a/$y}", "sh: out of memory"),
    ],
)
def test_what_would_take_for_ever_is_refused_in_a_clear_sentence(container, work: str, complaint: str) -> None:
    result = container.run("sh", "-c", LONG_TEXT + work)
    assert result.err == complaint + "\n"
