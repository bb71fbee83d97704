from http.client import RemoteDisconnected
from pathlib import Path
from smtplib import SMTP
from urllib.request import urlopen

import pytest

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("services.yaml")


@pytest.fixture
def shop():
    with FakeDocker(WORLD, clock="manual") as daemon:
        daemon.engine.run("shop", name="shop", port_specs=["80", "25"])
        yield daemon


def test_the_shop_is_ready_after_half_a_second(shop):
    url = f"http://127.0.0.1:{shop.engine.ports('shop')[80]}"
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        urlopen(f"{url}/health", timeout=10)
    shop.advance(0.5)
    with urlopen(f"{url}/health", timeout=10) as health:
        assert health.read() == b"ok\n"
    with urlopen(f"{url}/", timeout=10) as page:
        assert page.read() == b"<h1>The shop</h1>\n"
    with urlopen(f"{url}/orders", data=b"one lamp", timeout=10) as order:
        assert (order.status, order.read()) == (201, b'{"id": 1}')


def test_the_shop_takes_mail(shop):
    shop.advance(0.5)
    with SMTP("127.0.0.1", shop.engine.ports("shop")[25], timeout=10) as mail:
        assert mail.ehlo("me") == (250, b"shop")
