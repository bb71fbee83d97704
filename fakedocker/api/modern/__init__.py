"""The API since 1.24: routes by resource, views of the newest version, and a dated list of changes."""

# Whoever uses any of it ages answers by the list: it has to be there before the first one.
from fakedocker.api.modern import changes as changes
