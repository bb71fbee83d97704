import os
import unittest

import pytest


@pytest.mark.fakedocker(fixture="empty")  # the marker alone gives each test the daemon
class TestShop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def give(self, fakedocker):
        self.daemon = fakedocker

    def test_docker_is_the_fake_one(self):
        assert os.environ["DOCKER_HOST"] == self.daemon.url
        assert self.daemon.engine.images() == []
