"""Reading Dockerfiles. What a real daemon makes of them is in tests/conformance/build."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.engine.builds.dockerfile import (
    LONGEST_LINE,
    MOST_INSTRUCTIONS,
    Add,
    Arg,
    Cmd,
    Copy,
    DockerfileError,
    Entrypoint,
    Env,
    Expose,
    Health,
    Instruction,
    Label,
    OnBuild,
    Run,
    Shell,
    Volume,
    parse,
    parse_trigger,
)
from fakedocker.engine.containers.config import Healthcheck


def only(line: str, escape: str = "") -> Instruction:
    """Return the instruction of a Dockerfile with nothing else behind its FROM."""
    (stage,) = parse(f"{escape}FROM x\n{line}\n").stages
    (instruction,) = stage.instructions
    return instruction


def problem(text: str) -> str:
    with pytest.raises(DockerfileError) as error:
        parse(text)
    return str(error.value)


def test_a_dockerfile_has_arguments_and_stages() -> None:
    dockerfile = parse("ARG a=1\nARG b\nFROM --platform=p one AS First\nRUN x\nFROM two\n")
    assert [argument.pairs for argument in dockerfile.arguments] == [(("a", "1"),), (("b", None),)]
    first, second = dockerfile.stages
    assert (first.name, first.begin.image, first.begin.platform, first.begin.line) == ("first", "one", "p", 3)
    assert (second.name, second.begin.image, second.instructions) == ("", "two", ())
    assert (dockerfile.stage("FIRST"), dockerfile.stage("1"), dockerfile.stage("")) == (0, None, None)


def test_an_instruction_knows_what_it_was_written_as() -> None:
    run = only("  run  echo a \\\n# no\n\n   b ")
    assert isinstance(run, Run)
    assert (run.source, run.line, run.words) == ("run  echo a    b", 2, ("echo a    b",))


def test_an_empty_continued_line_is_warned_of() -> None:
    assert parse("FROM x\nRUN a \\\n\n b\n").warnings == (
        "[WARNING]: Empty continuation line found in:\n    RUN a  b",
        "[WARNING]: Empty continuation lines will become errors in a future release.",
    )


@pytest.mark.parametrize(
    ("line", "words", "shell"),
    [
        ('CMD ["a", "b c"]', ("a", "b c"), False),
        ("CMD a b", ("a b",), True),
        ("CMD []", (), False),
        ('CMD ["a"', ('["a"',), True),
        ("CMD ['a']", ("['a']",), True),
        ("CMD [NaN]", ("[NaN]",), True),
        ("CMD", (), True),
    ],
)
def test_a_command_is_a_list_or_a_line_for_the_shell(line: str, words: tuple[str, ...], shell: bool) -> None:
    for name, kind in (("CMD", Cmd), ("ENTRYPOINT", Entrypoint), ("RUN", Run)):
        command = only(line.replace("CMD", name))
        assert isinstance(command, kind)
        assert (command.words, command.shell) == (words, shell)


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        (
            "ENV a=1 b='2 3' c=\"4 5\" d=6\\ 7 e=",
            (("a", "1"), ("b", "'2 3'"), ("c", '"4 5"'), ("d", "6\\ 7"), ("e", "")),
        ),
        ("ENV a  b c ", (("a", "b c"),)),
        ("ENV a b=c", (("a", "b=c"),)),
        ("ENV a=b=c", (("a", "b=c"),)),
    ],
)
def test_variables_and_labels_are_pairs(line: str, pairs: tuple[tuple[str, str], ...]) -> None:
    env, label = only(line), only(line.replace("ENV", "LABEL"))
    assert isinstance(env, Env)
    assert isinstance(label, Label)
    assert env.pairs == label.pairs == pairs


def test_flags_stand_before_the_words() -> None:
    copy = only("COPY --from=0 --chown=a:b x y /z/")
    assert isinstance(copy, Copy)
    assert (copy.origin, copy.chown, copy.sources, copy.target) == ("0", "a:b", ("x", "y"), "/z/")
    add = only('ADD ["with blank", "--chown=x", "/to"]')
    assert isinstance(add, Add)
    assert (add.sources, add.chown) == (("with blank", "--chown=x"), "")
    run = only("RUN --mount=type=x true")
    assert isinstance(run, Run)
    assert run.flags == ("mount",)


def test_a_health_check_has_times_in_seconds() -> None:
    health = only("HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=100ms --retries=2 CMD curl x")
    assert isinstance(health, Health)
    assert health.check == Healthcheck(("CMD-SHELL", "curl x"), 90, 1.5, 0.1, retries=2)
    exec_form, none = only('HEALTHCHECK CMD ["a"]'), only("healthcheck none")
    assert isinstance(exec_form, Health)
    assert isinstance(none, Health)
    assert (exec_form.check.test, none.check.test) == (("CMD", "a"), ("NONE",))


def test_the_others() -> None:
    assert isinstance(expose := only("EXPOSE 80 443/tcp 53"), Expose)
    assert expose.ports == ("443/tcp", "53", "80")
    assert isinstance(volume := only('VOLUME ["/a b"]'), Volume)
    assert volume.paths == ("/a b",)
    assert isinstance(shell := only('SHELL ["sh", "-e"]'), Shell)
    assert shell.words == ("sh", "-e")
    assert isinstance(on_build := only("ONBUILD  run a  b"), OnBuild)
    assert on_build.expression == "run a  b"
    assert isinstance(arg := only("ARG a='1' b"), Arg)
    assert arg.pairs == (("a", "'1'"), ("b", None))


def test_the_escape_character_can_be_another() -> None:
    run = only("RUN a \\ `\n b", "# syntax=x\n# Escape = `\n")
    assert isinstance(run, Run)
    assert run.words == ("a \\  b",)
    assert parse("# comment\n# escape=`\nFROM x\n").escape == "\\"


def test_a_trigger_is_one_instruction() -> None:
    assert isinstance(parse_trigger("RUN x"), Run)
    with pytest.raises(DockerfileError, match="unknown instruction: FOO"):
        parse_trigger("FOO")
    with pytest.raises(DockerfileError, match="onbuild trigger should be a single expression"):
        parse_trigger("RUN a\nRUN b")


def test_what_cannot_be_read_comes_before_what_makes_no_sense() -> None:
    assert problem("FOO\nFROM x\nENV a\n") == "failed to parse Dockerfile: ENV must have two arguments"
    assert problem("FROM x\n\nFOO bar\n") == "dockerfile parse error on line 3: unknown instruction: FOO"
    assert problem("FROM x\nONBUILD ENV a") == "failed to parse Dockerfile: ENV must have two arguments"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("--interval=x", 'time: invalid duration "x"'),
        ("--interval=1", 'time: missing unit in duration "1"'),
        ("--interval=-1s", 'Interval "interval" cannot be less than 1ms'),
        ("--retries=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("--retries=99999999999", 'strconv.ParseInt: parsing "99999999999": value out of range'),
        ("--retries=0", "--retries must be at least 1 (not 0)"),
    ],
)
def test_numbers_of_a_health_check_are_checked(options: str, text: str) -> None:
    assert problem(f"FROM x\nHEALTHCHECK {options} CMD y") == f"dockerfile parse error on line 2: {text}"


def test_a_dockerfile_is_bounded() -> None:
    assert "max allowed size" in problem("FROM x\nRUN " + "é" * LONGEST_LINE)
    assert "more than" in problem("FROM x\n" * (MOST_INSTRUCTIONS + 1))
    assert "isn't allowed" in problem("FROM x\n" + "ONBUILD " * 5000)
    assert isinstance(only("CMD " + "[" * 20000), Cmd)


INSTRUCTIONS = ("ADD", "ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL")


@given(st.lists(st.tuples(st.sampled_from(INSTRUCTIONS), st.text(alphabet="a=[\"',]\\ \n#-$\t`1", max_size=20))))
def test_any_text_is_read_or_refused(lines: list[tuple[str, str]]) -> None:
    with suppress(DockerfileError):
        assert parse("FROM x\n" + "\n".join(f"{name} {rest}" for name, rest in lines)).stages
