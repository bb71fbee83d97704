"""Columns: what busybox is not asked about."""

from __future__ import annotations


def test_join_puts_lines_together_that_have_a_field_in_common(container) -> None:
    result = container.sh(
        "printf '1 a\\n2 b\\n3 c\\n' > x; printf '1 A\\n1 B\\n3 C\\n4 D\\n' > y; "
        "join x y; join -a 1 x y; join -v 2 x y;"
        " printf 'k,1\\n' > p; printf 'z,k\\n' > q; join -t, -1 1 -2 2 p q"
    )
    assert result.out == "1 a A\n1 a B\n3 c C\n1 a A\n1 a B\n2 b\n3 c C\n4 D\nk,1,z\n"


def test_split_divides_by_lines_and_bytes(container) -> None:
    result = container.sh("seq 10 | split -l 4 - p; ls; cat pab; rm p*; seq 10 | split -b 5 -a 3; ls; cat xaa* | wc -c")
    assert result.out == "paa\npab\npac\n5\n6\n7\n8\nxaaa\nxaab\nxaac\nxaad\nxaae\n21\n"


def test_split_says_when_it_runs_out_of_names(container) -> None:
    result = container.sh("head -c 30 /dev/zero | split -b 1 -a 1")
    assert (result.code, result.err) == (1, "split: suffixes exhausted\n")


def test_shuf_gives_every_line_once_and_the_same_order_every_time(container) -> None:
    result = container.sh(
        "seq 50 | shuf > a; seq 50 | shuf > b; cmp a b; sort -n a | uniq | wc -l; seq 50 | cmp -s - a; echo $?"
    )
    assert result.out == "50\n1\n"
