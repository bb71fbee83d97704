import json
from urllib.request import Request, urlopen


def post(url, body=None):
    data = json.dumps(body).encode() if body is not None else b""
    return json.loads(urlopen(Request(url, data, method="POST")).read() or b"null")


def test_a_container_says_hello(fakedocker):  # $DOCKER_HOST points at it, too
    api = fakedocker.http_url
    made = post(f"{api}/containers/create", {"Image": "base", "Cmd": ["sh", "-c", "echo hello > /greeting; exit 3"]})
    post(f"{api}/containers/{made['Id']}/start")

    assert post(f"{api}/containers/{made['Id']}/wait") == {"StatusCode": 3}
    assert fakedocker.engine.read_file(made["Id"], "/greeting") == b"hello\n"
