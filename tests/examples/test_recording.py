from urllib.request import urlopen

from fakedocker import FakeDocker


def test_a_session_is_recorded_once_and_then_replayed(tmp_path, fakedocker):
    session = tmp_path / "session.yaml"
    with FakeDocker(cassette=session, mode="once", upstream=fakedocker.url) as daemon:  # usually a real one
        recorded = urlopen(f"{daemon.http_url}/version").read()

    with FakeDocker(cassette=session, mode="once", upstream="unix:///nobody/is/here.sock") as daemon:
        assert urlopen(f"{daemon.http_url}/version").read() == recorded
