"""What breaks off what a shell is doing: jumps out of loops, functions and files, the end, and errors."""

from __future__ import annotations


class Jump(Exception):
    """`break` and `continue`, on their way to the loop they mean."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Return(Exception):
    """`return`, on its way out of a function or a file."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Exit(Exception):
    """The end of the shell."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Fault(Exception):
    """An error that ends what the shell is doing (and a shell that is not interactive)."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status
