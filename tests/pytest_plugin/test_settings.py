"""Who says what, and who is stronger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakedocker.pytest_plugin.settings import FOR_THE_GUARD, FOR_THE_PLUGIN, RECORDING, SETTINGS, Run, SettingError

MANUAL = Path(__file__).parents[2] / "docs" / "pytest.md"

pytest_plugins = ["pytester"]


def run(strong: dict[str, Any] | None = None, weak: dict[str, Any] | None = None) -> Run:
    return Run({}, strong or {}, weak or {})


def test_the_order_is_run_call_markers_config_ini() -> None:
    layers = {"profile": "26"}, [{"profile": "28"}, {"profile": "20.10"}], {"profile": "any"}
    config, marks, call = layers
    assert run().wanted().values.get("profile") is None
    assert run(weak={"profile": "0.4"}).wanted().values["profile"] == "0.4"
    assert run(weak={"profile": "0.4"}).wanted(config).values["profile"] == "26"
    assert run().wanted(config, marks).values["profile"] == "20.10"
    assert run().wanted(config, marks, **call).values["profile"] == "any"
    assert run(strong={"profile": "0.4"}).wanted(config, marks, **call).values["profile"] == "0.4"


def test_markers_are_merged_word_by_word() -> None:
    wanted = run().wanted({"seed": 1}, [{"clock": "manual", "fixture": "empty"}, {"fixture": "default"}])
    assert wanted.arguments() == {"seed": 1, "clock": "manual", "fixture": "default"}


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ([{"clok": "manual"}], "@pytest.mark.fakedocker: there is no 'clok'; did you mean 'clock'?"),
        ([{"api": "1.41"}], "there is no 'api'; there are allow_real, api_version, block_real, cassette"),
        ([{"mode": "onec"}], "@pytest.mark.fakedocker: mode: there is no 'onec'; did you mean 'once'?"),
        ([{"profile": "20.11"}], "there is no '20.11'; did you mean '20.10'?"),
        ([{"orphans": "zzz"}], "there is no 'zzz'; there are ignore, report, fail"),
        ([{"strict": "maybe"}], "'maybe' is neither true nor false"),
        ([{"mode": "once"}], "mode is for a cassette: say cassette=True as well"),
        ([{"mode": "once", "speed": 1}], "mode, speed are for a cassette"),
        ([{"cassette": True, "clock": "manual"}], "clock is not for a cassette, which has no engine behind it"),
        ([{"profile": ["26", "28"]}], "profile=[...] is for test functions"),
    ],
)
def test_what_makes_no_sense_is_said_with_the_nearest_that_does(marks: list[dict[str, Any]], text: str) -> None:
    with pytest.raises(SettingError) as caught:
        run().wanted({}, marks).arguments()
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_config_and_the_call_are_checked_as_well() -> None:
    with pytest.raises(SettingError, match="fakedocker_config: there is no 'clok'"):
        run().wanted({"clok": 1})
    with pytest.raises(SettingError, match="fakedocker_config: there is no 'block_real'"):
        run().wanted({"block_real": True})
    with pytest.raises(SettingError, match=r"fakedocker_config: a dict was expected, not \['clock'\]"):
        run().wanted(["clock"])
    with pytest.raises(SettingError, match="make_fakedocker: there is no 'clok'"):
        run().wanted({}, [], clok=1)


def test_what_was_said_for_many_is_left_out_where_it_does_not_fit() -> None:
    usual = {"clock": "manual", "mode": "once", "redact": ["x"]}
    assert run(strong={"strict": True}).wanted(usual, [{"seed": 1}]).arguments() == {
        "clock": "manual",
        "seed": 1,
        "strict": True,
    }
    assert "clock" not in run(strong={"profile": "26"}).wanted(usual, [{"cassette": True}]).arguments()
    assert run().wanted(usual, [{"cassette": True}]).arguments() == {"mode": "once", "redact": ["x"]}


def test_a_test_can_have_an_engine_where_its_class_has_a_cassette() -> None:
    wanted = run().wanted({}, [{"cassette": True}, {"cassette": False, "clock": "manual"}])
    assert not wanted.has_cassette
    assert wanted.arguments() == {"clock": "manual"}


def test_hosts_are_stronger_than_a_way_to_listen() -> None:
    assert run(weak={"listen": "unix"}).wanted().listen == "unix"
    assert run(weak={"listen": "unix"}).wanted({"hosts": ["tcp://127.0.0.1:0"]}).listen == ""


# -- in a suite ----------------------------------------------------------------------------

WHICH = """
def test_it(fakedocker):
    version = json.loads(ask(fakedocker, "GET", "/version")[1])["Version"]
    assert version.startswith(os.environ["WANTED"]), version
"""


def test_command_line_environment_and_ini_file_say_it_in_this_order(
    suite: pytest.Pytester, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (suite.path / "tox.ini").open("a") as ini:
        ini.write("\nfakedocker_profile = 26\n")
    monkeypatch.setenv("WANTED", "26.")
    run(WHICH).assert_outcomes(passed=1)
    monkeypatch.setenv("FAKEDOCKER_PROFILE", "28")
    monkeypatch.setenv("WANTED", "28.")
    run(WHICH).assert_outcomes(passed=1)
    monkeypatch.setenv("WANTED", "20.10")
    result = run(WHICH, "--fakedocker-profile=20.10")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["fakedocker: profile=20.10"])


def test_a_marker_is_stronger_than_the_ini_file_and_weaker_than_the_environment(
    suite: pytest.Pytester, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (suite.path / "tox.ini").open("a") as ini:
        ini.write("\nfakedocker_profile = 26\n")
    marked = "pytestmark = pytest.mark.fakedocker(profile='28')\n" + WHICH
    monkeypatch.setenv("WANTED", "28.")
    run(marked).assert_outcomes(passed=1)
    monkeypatch.setenv("FAKEDOCKER_PROFILE", "20.10")
    monkeypatch.setenv("WANTED", "20.10")
    run(marked).assert_outcomes(passed=1)


def test_markers_of_module_class_and_test_are_merged(run: Any) -> None:
    run(
        """
pytestmark = pytest.mark.fakedocker(clock="manual", fixture="empty")

@pytest.mark.fakedocker(fixture="default")
class TestShop:
    @pytest.mark.fakedocker(profile="26")
    def test_it(self, fakedocker):
        assert "base:latest" in fakedocker.engine.tags()
        fakedocker.advance(1)
        assert json.loads(ask(fakedocker, "GET", "/version")[1])["Version"].startswith("26.")

def test_outside(fakedocker):
    assert fakedocker.engine.images() == []
"""
    ).assert_outcomes(passed=2)


def test_the_config_can_be_said_in_any_scope(run: Any) -> None:
    run(
        """
@pytest.fixture(scope="session")
def fakedocker_config():
    return {"fixture": "empty"}

def test_of_the_module(fakedocker):
    assert fakedocker.engine.images() == []

class TestShop:
    @pytest.fixture
    def fakedocker_config(self, fakedocker_config):
        return {**fakedocker_config, "clock": "manual"}

    @pytest.mark.fakedocker("default")
    def test_of_the_class(self, fakedocker):
        assert fakedocker.engine.images()
        fakedocker.advance(1)
"""
    ).assert_outcomes(passed=2)


def test_a_word_that_nobody_knows_is_one_line_and_no_traceback(run: Any) -> None:
    result = run("@pytest.mark.fakedocker(clok='manual')\ndef test_it(fakedocker): ...")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["@pytest.mark.fakedocker: there is no 'clok'; did you mean 'clock'[?]"])
    result.stdout.no_fnmatch_line("*SettingError*")
    result = run("@pytest.mark.fakedocker('empty', 'default')\ndef test_it(fakedocker): ...")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*only the fixture can be said without its name*"])


def test_nonsense_for_the_run_ends_it_with_one_line(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKEDOCKER_MODE", "onec")
    result = suite.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: FAKEDOCKER_MODE: there is no 'onec'; did you mean 'once'[?]"])
    monkeypatch.setenv("FAKEDOCKER_MODE", "once")
    monkeypatch.setenv("FAKEDOCKER_STRICT", "perhaps")
    result = suite.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: FAKEDOCKER_STRICT: 'perhaps' is neither true nor false"])


def test_options_keys_and_markers_are_explained(suite: pytest.Pytester) -> None:
    words = suite.runpytest_inprocess("--help").stdout.str()
    for name in ("mode", "upstream", "profile", "api-version", "listen", "strict", "orphans", "report-unused"):
        assert f"--fakedocker-{name}" in words
        assert f"fakedocker_{name.replace('-', '_')} " in words
    suite.runpytest_inprocess("--markers").stdout.fnmatch_lines(
        ["@pytest.mark.fakedocker(*", "@pytest.mark.fakedocker_allow_real:*"]
    )


def test_the_manual_has_every_option_key_and_word() -> None:
    manual = MANUAL.read_text()
    for setting in SETTINGS.values():
        assert f"| `{setting.option}` | `{setting.variable}` | `{setting.key}` |" in manual
        for choice in setting.choices:
            assert f"`{choice}`" in manual
    for word in FOR_THE_GUARD | FOR_THE_PLUGIN | RECORDING:
        assert f"`{word}`" in manual
