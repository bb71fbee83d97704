"""What cassettes are called."""

from __future__ import annotations

import pytest

from fakedocker.pytest_plugin.names import LONGEST, cassette_name

pytest_plugins = ["pytester"]


def names(suite: pytest.Pytester, code: str) -> list[str]:
    return [cassette_name(item) for item in suite.getitems(code)]


def test_a_cassette_has_the_names_of_class_and_test(suite: pytest.Pytester) -> None:
    code = "class TestShop:\n    class TestDoor:\n        def test_opens(self): ...\ndef test_it(): ..."
    assert names(suite, code) == ["TestShop.TestDoor.test_opens.yaml", "test_it.yaml"]


def test_each_parameter_has_its_own_and_keeps_to_what_file_systems_take(suite: pytest.Pytester) -> None:
    ids = ["1.41", "a/b:c", "../../etc", "zwei worte", "\\\\x"]
    code = f"import pytest\n@pytest.mark.parametrize('x', {ids!r})\ndef test_it(x): ..."
    assert names(suite, code) == [
        "test_it[1.41].yaml",
        "test_it[a-b-c].yaml",
        "test_it[..-..-etc].yaml",
        "test_it[zwei-worte].yaml",
        "test_it[----x].yaml",
    ]


def test_long_names_are_cut_and_stay_different(suite: pytest.Pytester) -> None:
    code = "import pytest\n@pytest.mark.parametrize('x', 'bc', ids='{}b {}c'.format('a' * 300, 'a' * 300).split())\n"
    code += "def test_it(x): ..."
    one, other = names(suite, code)
    assert one != other
    assert one.startswith("test_it[aaa")
    assert len(one) == len(other) == LONGEST + len(".yaml")


def test_a_test_case_of_unittest_is_a_class(suite: pytest.Pytester) -> None:
    code = "import unittest\nclass Shop(unittest.TestCase):\n    def test_opens(self): ..."
    assert names(suite, code) == ["Shop.test_opens.yaml"]
