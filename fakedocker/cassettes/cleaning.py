"""Taking the secrets out of a session that was recorded already.

The recorder can hide a secret only from when it has seen it in its place. Whoever has the whole session looks twice:
once to learn, once to hide, so that what was printed before it was known is hidden, too. Bodies in files beside the
cassette are gone over like the others if a person can read them; in archives stars stand for what is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from fakedocker.cassettes.masking import StreamMask
from fakedocker.cassettes.model import Body, Exchange, File
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import SideFiles


class Cleaning:
    """Takes the secrets out of one session, by the rules that are built in and those of the user."""

    def __init__(self, rules: Iterable[str] = ()) -> None:
        self._redactor = Redactor(list(rules))
        self._while_learning: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        """How often what was hidden, by the names of placeholders."""
        return +(Counter(self._redactor.counts) - self._while_learning)

    def learn(self, exchanges: Sequence[Exchange], files: SideFiles | None = None) -> None:
        """Look for secrets in a whole session. Raises CassetteError when a body beside it cannot be read."""
        before = Counter(self._redactor.counts)
        for exchange in exchanges:
            self._redactor.exchange(_with_files(exchange, files))
        self._while_learning += Counter(self._redactor.counts) - before

    def exchange(self, exchange: Exchange, files: SideFiles | None = None) -> Exchange:
        """Return an exchange without secrets; a body in a file is put into it if it had any.

        Bodies that are still files have to be copied through `mask`.
        """
        opened = _with_files(exchange, files)
        clean = self._redactor.exchange(opened)
        return replace(
            clean,
            request=replace(clean.request, body=_kept(exchange.request.body, opened.request.body, clean.request.body)),
            response=clean.response
            if clean.response is None or exchange.response is None or opened.response is None
            else replace(
                clean.response,
                body=_kept(exchange.response.body, opened.response.body, clean.response.body),
            ),
        )

    def exchanges(self, exchanges: Sequence[Exchange], files: SideFiles | None = None) -> Iterator[Exchange]:
        """Yield the exchanges of a session without secrets."""
        self.learn(exchanges, files)
        for exchange in exchanges:
            yield self.exchange(exchange, files)

    @property
    def mask(self) -> Callable[[], StreamMask]:
        """Makes a mask for a body that is copied."""
        return self._redactor.stream


def _with_files(exchange: Exchange, files: SideFiles | None) -> Exchange:
    """Return an exchange with those bodies in it that are files a person can read."""
    if files is None:
        return exchange
    request, response = exchange.request, exchange.response
    if response is not None:
        response = replace(response, body=_opened(response.body, files))
    return replace(exchange, request=replace(request, body=_opened(request.body, files)), response=response)


def _opened(body: Body, files: SideFiles) -> Body:
    return files.readable(body) if isinstance(body, File) else body


def _kept(body: Body, opened: Body, clean: Body) -> Body:
    """Return what is kept of a body: the file as it is, if nothing in it was a secret."""
    return body if isinstance(body, File) and clean == opened else clean
