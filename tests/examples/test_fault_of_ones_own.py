from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from fakedocker import FakeDocker
from fakedocker.faults import Body, Call, Fault, FaultError, Shape, fault


@fault("bit-rot")
@dataclass(frozen=True)
class BitRot(Fault):
    """Every so many bytes of an answer one is wrong."""

    every_bytes: int = 100

    def __post_init__(self):
        if self.every_bytes < 1:
            raise FaultError("every_bytes", "must be at least 1")

    def shape(self, body: Body, call: Call) -> Body:
        return Rotten(body, call, self.every_bytes)


class Rotten(Shape):
    def __init__(self, body: Body, call: Call, every: int) -> None:
        super().__init__(body, call)
        self.every = every
        self.seen = 0

    def read(self, size: int) -> bytes | None:
        data = self.body.read(size)  # b"": nothing now; None: the end
        if not data:
            return data
        rotten = bytearray(data)
        for at in range(-self.seen % self.every, len(rotten), self.every):
            rotten[at] ^= 1
        self.seen += len(data)
        return bytes(rotten)


def test_bits_rot():
    with FakeDocker() as daemon:
        daemon.faults.add("bit-rot", every_bytes=1, on="SystemPing")
        connection = HTTPConnection(urlsplit(daemon.url).netloc)
        connection.request("GET", "/v1.51/_ping")
        assert connection.getresponse().read() == b"NJ"
        connection.close()
