from pathlib import Path

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("shop.yaml")


def test_the_world_of_the_shop_is_there():
    with FakeDocker(WORLD) as daemon:
        assert "shop:1.10" in daemon.engine.tags()
        assert any(container.running for container in daemon.engine.containers())
