import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

SESSION = Path(__file__).parents[2] / "cassettes" / "run.yaml"


@pytest.mark.fakedocker(cassette=str(SESSION))
def test_a_recorded_daemon_says_its_version(fakedocker):
    url = fakedocker.url.replace("tcp", "http")
    urlopen(Request(f"{url}/_ping", method="HEAD"))
    assert json.loads(urlopen(f"{url}/v1.41/version").read())["ApiVersion"] == "1.41"
