"""Worker threads, kept for a while: grow at once, shrink when nothing has come for some seconds.

The last thread to fall idle is the first to work again, so that the others may end. Threads are daemons and
have the process's own stack size: `threading.stack_size` is a setting of the whole process, which belongs
to the user.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Job = Callable[[], None]


class Pool:
    """As many threads as there are jobs at the same time. A job must not raise."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._closed = False

    def submit(self, job: Job) -> None:
        """Have a thread run the job at once.

        Raises RuntimeError when the pool is closed, or when the system gives no more threads.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is closed")
            worker = self._idle.pop() if self._idle else None
            if worker is None:
                worker = _Worker(self, job)
                self._workers.add(worker)
                fresh = True
            else:
                worker.job = job
                fresh = False
        if not fresh:
            worker.ready.release()
            return
        try:
            worker.start()
        except RuntimeError:
            self.leave(worker)
            raise

    def close(self, patience: float) -> None:
        """Send the idle threads home and wait at most `patience` seconds for all that are still running."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            workers = list(self._workers)
        for worker in idle:
            worker.job = None
            worker.ready.release()
        deadline = time.monotonic() + patience
        for worker in workers:
            if worker is not threading.current_thread() and worker.ident is not None:
                worker.join(max(0.0, deadline - time.monotonic()))

    def next_job(self, worker: _Worker) -> Job | None:
        """What this worker does next; None: it ends."""
        with self._lock:
            if self._closed:
                return None
            self._idle.append(worker)
        if worker.ready.acquire(timeout=self._idle_seconds):
            return worker.job
        with self._lock:
            if worker in self._idle:
                self._idle.remove(worker)
                return None
        worker.ready.acquire()  # somebody chose this worker just as its time ran out
        return worker.job

    def leave(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)


class _Worker(threading.Thread):
    def __init__(self, pool: Pool, job: Job) -> None:
        super().__init__(name="fakedocker-worker", daemon=True)
        self.job: Job | None = job
        self.ready = threading.Lock()
        self.ready.acquire()
        self._pool = pool

    def run(self) -> None:
        job = self.job
        try:
            while job is not None:
                job()
                self.job = job = None  # an idle thread keeps no connection alive
                job = self._pool.next_job(self)
        finally:
            self._pool.leave(self)
