"""Threads come at once and go after a while."""

from __future__ import annotations

import threading
import time

import pytest

from fakedocker.server.pool import Pool


def test_every_job_has_a_thread_at_once() -> None:
    pool = Pool(5)
    barrier = threading.Barrier(21, timeout=5)
    for _ in range(20):
        pool.submit(lambda: barrier.wait() and None)
    barrier.wait()
    pool.close(1)


def test_an_idle_thread_is_used_again() -> None:
    pool = Pool(5)
    threads: list[threading.Thread] = []
    for number in range(1, 6):
        pool.submit(lambda: threads.append(threading.current_thread()))
        while len(threads) < number or not pool._idle:
            time.sleep(0.0005)
    pool.close(1)
    assert len(set(threads)) == 1


def test_an_idle_thread_ends_after_a_while() -> None:
    pool = Pool(0.01)
    threads: list[threading.Thread] = []
    pool.submit(lambda: threads.append(threading.current_thread()))
    while not threads:
        time.sleep(0.001)
    threads[0].join(5)
    assert not threads[0].is_alive()
    pool.close(0)


def test_a_closed_pool_takes_no_job_and_keeps_no_idle_thread() -> None:
    pool = Pool(5)
    done = threading.Event()
    pool.submit(done.set)
    assert done.wait(5)
    pool.close(5)
    assert not [thread for thread in threading.enumerate() if thread in pool._workers]
    with pytest.raises(RuntimeError):
        pool.submit(done.set)


def test_closing_does_not_wait_longer_than_told() -> None:
    pool = Pool(5)
    go_on = threading.Event()
    pool.submit(lambda: go_on.wait(5) and None)
    begun = time.monotonic()
    pool.close(0.01)
    assert time.monotonic() - begun < 1
    go_on.set()


def test_no_job_is_lost_when_threads_time_out_all_the_time() -> None:
    pool = Pool(0.0005)
    done = threading.Semaphore(0)
    for _ in range(300):
        pool.submit(lambda: done.release())
        time.sleep(0.0004)
    for _ in range(300):
        assert done.acquire(timeout=5)
    pool.close(1)
