"""Which sockets have something to say: epoll, or what the platform has instead.

An armed socket reports once and is then left alone until it is armed again, so that whoever took the report
may hand the socket to another thread without a word to the poller. `arm`, `forget` and `poke` may be called
from any thread, everything else from the one that waits.

A hangup is reported although unread data is in front of it. The fallback can only look at the first unread
byte, so there a client that sent more requests ahead is noticed when a write fails.
"""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import threading
from collections import deque
from typing import NamedTuple, Protocol


class Report(NamedTuple):
    """What happened on a socket, named by its file descriptor."""

    fd: int
    readable: bool
    writable: bool
    gone: bool
    """The other side has gone, or (if it was asked for) will send nothing more."""


class Poller(Protocol):
    """What the reactor waits with."""

    def arm(self, sock: socket.socket, *, read: bool = False, write: bool = False, hangup: bool = False) -> None: ...
    def forget(self, sock: socket.socket) -> None: ...
    def wait(self, timeout: float | None) -> list[Report]: ...
    def poke(self) -> None: ...
    def close(self) -> None: ...


def make_poller() -> Poller:
    """The best poller of this platform. Raises OSError when the process has no file descriptors left."""
    return EpollPoller() if hasattr(select, "epoll") and hasattr(os, "eventfd") else SelectorPoller()


class EpollPoller:
    """Linux."""

    def __init__(self) -> None:
        self._poke_lock = threading.Lock()  # nobody may poke what has become another file
        self._epoll = select.epoll()
        self._eventfd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # Edge-triggered: every poke is an edge, and nobody has to read the counter.
        self._epoll.register(self._eventfd, select.EPOLLIN | select.EPOLLET)

    def arm(self, sock: socket.socket, *, read: bool = False, write: bool = False, hangup: bool = False) -> None:
        mask = select.EPOLLONESHOT
        if read:
            mask |= select.EPOLLIN
        if write:
            mask |= select.EPOLLOUT
        if hangup:
            mask |= select.EPOLLRDHUP
        fd = sock.fileno()
        if fd < 0:
            return
        try:
            try:
                self._epoll.modify(fd, mask)
            except FileNotFoundError:
                self._epoll.register(fd, mask)
        except ValueError:  # the poller has been closed
            pass
        except OSError as error:
            if error.errno != errno.EBADF:  # the socket has been closed, in this instant
                raise

    def forget(self, sock: socket.socket) -> None:
        # Closing would do, unless a forked child has the socket too.
        try:
            self._epoll.unregister(sock.fileno())
        except (OSError, ValueError):
            pass

    def wait(self, timeout: float | None) -> list[Report]:
        gone = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
        readable = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR
        return [
            Report(fd, bool(mask & readable), bool(mask & select.EPOLLOUT), bool(mask & gone))
            for fd, mask in self._epoll.poll(timeout)
            if fd != self._eventfd
        ]

    def poke(self) -> None:
        with self._poke_lock:
            if self._eventfd >= 0:
                os.eventfd_write(self._eventfd, 1)

    def close(self) -> None:
        self._epoll.close()
        with self._poke_lock:
            os.close(self._eventfd)
            self._eventfd = -1


class SelectorPoller:
    """Everywhere else, on `selectors`."""

    def __init__(self) -> None:
        self._poke_lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._wakeup, self._poked = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(self._poked, False)
        self._selector.register(self._wakeup, selectors.EVENT_READ)
        self._changes: deque[tuple[socket.socket, int, bool]] = deque()
        self._thread: int | None = None  # the one that waits

    def arm(self, sock: socket.socket, *, read: bool = False, write: bool = False, hangup: bool = False) -> None:
        mask = (selectors.EVENT_READ if read or hangup else 0) | (selectors.EVENT_WRITE if write else 0)
        self._changes.append((sock, mask, read))  # a selector belongs to one thread
        if threading.get_ident() != self._thread:
            self.poke()

    def forget(self, sock: socket.socket) -> None:
        if sock.fileno() in self._selector.get_map():
            self._selector.unregister(sock)

    def wait(self, timeout: float | None) -> list[Report]:
        self._thread = threading.get_ident()
        while self._changes:
            sock, mask, read = self._changes.popleft()
            if sock.fileno() < 0:
                continue
            self.forget(sock)
            if mask:
                self._selector.register(sock, mask, (sock, read))
        reports = []
        for key, mask in self._selector.select(timeout):
            if key.data is None:
                self._swallow_pokes()
                continue
            sock, wants_read = key.data
            readable = bool(mask & selectors.EVENT_READ)
            gone = readable and not wants_read and _has_ended(sock)
            self.forget(sock)
            if gone or mask & selectors.EVENT_WRITE or (readable and wants_read):
                reports.append(Report(key.fd, readable and wants_read, bool(mask & selectors.EVENT_WRITE), gone))
        return reports

    def _swallow_pokes(self) -> None:
        try:
            while os.read(self._wakeup, 4096):
                pass
        except BlockingIOError:
            pass

    def poke(self) -> None:
        with self._poke_lock:
            if self._poked >= 0:
                try:
                    os.write(self._poked, b"!")
                except BlockingIOError:  # full of pokes
                    pass

    def close(self) -> None:
        self._selector.close()
        with self._poke_lock:
            os.close(self._wakeup)
            os.close(self._poked)
            self._poked = -1


def _has_ended(sock: socket.socket) -> bool:
    try:
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
