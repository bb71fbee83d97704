"""Builtins, as far as they are not compared with busybox line by line."""

from __future__ import annotations


def test_cd_keeps_the_path_as_it_was_named(container) -> None:
    container.files.symlink("/etc", "/work/link")
    assert container.sh("cd link; pwd; pwd -P; cd ..; pwd; cd -").out == "/work/link\n/etc\n/work\n/work/link\n"


def test_cd_without_a_word_goes_home(container) -> None:
    assert container.sh("cd; pwd; echo $OLDPWD").out == "/root\n/work\n"


def test_type_tells_where_a_program_is(container) -> None:
    result = container.sh("type ls cd export; command -v ls cd nosuch; echo $?")
    assert result.out == ("ls is /bin/ls\ncd is a shell builtin\nexport is a special shell builtin\n/bin/ls\n0\n")


def test_read_takes_no_more_than_a_line(container) -> None:
    result = container.sh("read a; cat", stdin="first\nsecond\n")
    assert result.out == "second\n"


def test_kill_reaches_a_job_by_its_number(container) -> None:
    result = container.sh("sleep 100 & kill %1; wait $!; echo $?")
    assert result.out == "143\n"


def test_jobs_lists_what_runs(container) -> None:
    assert container.sh("sleep 1 & jobs").out.startswith("[1]+  Running")


def test_export_prints_what_can_be_read_again(container) -> None:
    result = container.sh('export A="it\'s"; export | grep ^export.A=')
    assert result.out == "export A='it'\"'\"'s'\n"


def test_umask_applies_to_what_is_made(container) -> None:
    container.sh("umask 077; touch f; mkdir d; echo > g")
    assert [container.files.stat(f"/work/{name}").mode for name in "fdg"] == [0o600, 0o700, 0o600]


def test_an_alias_stands_for_a_text_from_the_next_line_on(container) -> None:
    assert container.sh("alias ll='echo a'; ll; echo $?\nll b").out == "127\na b\n"
    assert container.sh("alias e='echo ' w=word\ne w\nunalias w\ne w").out == "word\nw\n"
    assert container.sh("alias ls='ls -d'\nls /").out == "/\n"
    assert container.sh("alias a=b b=a\na; echo $?").out == "127\n"


def test_read_waits_no_longer_than_it_is_told(container) -> None:
    container.start("sh", "-c", "read -t 5 x; echo $? $x")
    container.advance(6)
    assert container.output == "1\n"
    assert container.sh("echo quick | { read -t 5 x; echo $? $x; }").out == "0 quick\n"


def test_pipefail_makes_a_pipeline_fail_with_its_last_failure(container) -> None:
    assert container.sh("set -o pipefail; (exit 3) | (exit 4) | true; echo $?; true | true; echo $?").out == "4\n0\n"
