"""The examples of the documentation; those that need a client are left out where that is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("docker") else ["test_readme.py", "test_pytest_client.py"]
