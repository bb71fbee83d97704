"""Disks: dd, tree, install."""

from __future__ import annotations


def test_an_endless_device_is_copied_for_as_long_as_one_says(container) -> None:
    assert container.sh("dd if=/dev/zero bs=1M count=5 2>/dev/null | wc -c").out == "5242880\n"


def test_dd_takes_signals_while_it_copies(container) -> None:
    container.start("sh", "-c", "dd if=/dev/zero of=/dev/null & sleep 1; kill $!; wait $!; echo $?")
    container.advance(3)
    assert container.output == "143\n"


def test_a_block_no_memory_holds_is_refused(container) -> None:
    assert container.run("dd", "bs=99999999999").err == "dd: out of memory\n"


def test_tree_draws_branches(container) -> None:
    result = container.sh("mkdir -p a/b; touch a/b/c a/d a/.hidden; ln -s d a/e; tree a; tree -L 1 a; tree -da a")
    assert result.out == (
        "a\n├── b\n│   └── c\n├── d\n└── e -> d\n\n1 directory, 3 files\n"
        "a\n├── b\n├── d\n└── e -> d\n\n1 directory, 2 files\n"
        "a\n└── b\n\n1 directory\n"
    )


def test_install_copies_and_sets_modes(container) -> None:
    result = container.sh(
        "echo x > a; install -m 640 a b; ls -l b | cut -c1-10; install -d -m 700 d/e; ls -ld d/e | cut -c1-10;"
        " install a d/e; ls d/e; install -D a q/r/s; cat q/r/s; install nosuch b; echo $?"
    )
    assert result.out == "-rw-r-----\ndrwx------\na\nx\n1\n"
    assert result.err == "install: can't stat 'nosuch': No such file or directory\n"


def test_a_file_with_two_names_is_counted_once(container) -> None:
    assert container.sh("mkdir d; head -c 9000 /dev/zero > d/a; ln d/a d/b; du -s d").out == "16\td\n"
