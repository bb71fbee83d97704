"""awk: what no comparison with busybox shows - streams, bounds, signals, and what busybox here was built without."""

from __future__ import annotations

import pytest


def test_lines_are_answered_as_they_come(container) -> None:
    container.start("awk", "{print NR, $1}")
    container.type("a b\n")
    assert container.output == "1 a\n"
    container.type("c d\n")
    assert container.output == "2 c\n"


def test_half_a_line_is_waited_for(container) -> None:
    container.start("awk", "{print $1}")
    container.type("hal")
    assert container.output == ""
    container.type("f x\n")
    assert container.output == "half\n"


def test_powers_and_logarithms(container) -> None:
    result = container.run("awk", "BEGIN{print 2^10, 2**3, 2^3^2, -2^2, log(1), exp(0), sqrt(16), atan2(0,-1)}")
    assert result.out == "1024 8 512 -4 0 1 4 3.14159\n"


def test_random_numbers_are_the_same_every_time(container) -> None:
    program = "BEGIN{srand(5); a=rand(); srand(5); print a==rand(), a>=0 && a<1; print srand()}"
    assert container.run("awk", program).out == "1 1\n5\n"


def test_the_time_is_the_containers(container) -> None:
    assert container.run("awk", "BEGIN{print systime()}").out == f"{int(container.clock.now())}\n"


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ('BEGIN{s="x"; while(1) s=s s}', "out of memory"),
        ('BEGIN{s=sprintf("%1000000s",""); gsub(/ /,"xxxxxxxxxx",s)}', "out of memory"),
        ('BEGIN{printf "%999999999d",1}', "out of memory"),
        ("BEGIN{$16000000=1}", "out of memory"),
        ("BEGIN{NF=1e300}", "out of memory"),
        ('BEGIN{getline x < "/dev/zero"}', "out of memory"),
        ("function f(){f()} BEGIN{f()}", "Nested too deeply"),
        ("BEGIN{" + "(" * 5000 + "1" + ")" * 5000 + "}", "Nested too deeply"),
        ("BEGIN{" + "if(1)" * 5000 + "print}", "Nested too deeply"),
        ("BEGIN{x=" + "x=" * 5000 + "1}", "Nested too deeply"),
        ("BEGIN{x=" + "!" * 5000 + "1}", "Too long an expression"),
        ("BEGIN{print " + "1+" * 5000 + "1}", "Too long an expression"),
        ('BEGIN{while(1) print 1 > ("/tmp/f" i++)}', "Too many open files"),
        ("BEGIN{a=1; a[1]=2}", "Attempt to use an array in a scalar context"),
        ("/a{1,2/", "bad regex"),
    ],
)
def test_what_has_no_end_is_ended(container, program: str, complaint: str) -> None:
    result = container.run("awk", program)
    assert result.code == 1
    assert complaint in result.err
    assert "Traceback" not in result.err


def test_a_program_may_call_itself_hundreds_of_times(container) -> None:
    assert container.run("awk", "function f(n){return n?1+f(n-1):0} BEGIN{print f(900)}").out == "900\n"


def test_a_catastrophic_pattern_takes_no_longer_than_others(container) -> None:
    assert container.run("awk", "/^(a+)+$/{print 1} END{print NR}", stdin="a" * 40 + "c\n").out == "1\n"


def test_a_busy_loop_leaves_others_their_turn_and_takes_signals(container) -> None:
    container.start("sh", "-c", "awk 'BEGIN{while(1) i++}' & sleep 0.1; kill $!; wait $!; echo $?")
    container.advance(1)
    assert container.output == "143\n"
    assert container.code == 0


def test_a_reader_that_leaves_ends_it(container) -> None:
    assert container.sh("awk 'BEGIN{while(1) print i++}' | head -n 2; echo done").out == "0\n1\ndone\n"


def test_bytes_come_out_as_they_went_in(container) -> None:
    assert container.run("awk", "{print}", stdin=b"\xff\xfe\xc3\xa4\n").out.encode("utf-8", "surrogateescape") == (
        b"\xff\xfe\xc3\xa4\n"
    )


def test_output_and_that_of_commands_keep_their_order(container) -> None:
    program = 'BEGIN{print "a"; system("echo b"); print "c"; print "d" | "cat"; close("cat"); print "e"}'
    assert container.run("awk", program).out == "a\nb\nc\nd\ne\n"


def test_a_mistake_in_a_file_names_file_and_line(container) -> None:
    container.files.write("/work/p.awk", b"BEGIN {\n print 1\n print )\n}\n")
    assert container.run("awk", "-f", "p.awk").err == "awk: p.awk:3: Unexpected token\n"
