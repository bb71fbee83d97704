from pathlib import Path

import pytest

WORLD = Path(__file__).with_name("slow.yaml")


@pytest.mark.fakedocker(WORLD, clock="manual")
def test_a_server_takes_its_time_and_another_runs_out_of_memory(fakedocker):
    engine = fakedocker.engine
    web = engine.run("shop/web:2.0", "gunicorn", "shop:app", env=("PORT=8000",))
    greedy = engine.run("shop/web:2.0", "gunicorn", "--workers", "64", "shop:app")
    worker = engine.run("base", "worker", labels={"flaky": ""})

    fakedocker.advance(2)
    assert engine.logs(web) == b""

    fakedocker.advance(28)
    assert b"Listening at: http://0.0.0.0:8000" in engine.logs(web)
    assert (greedy.exit_code, greedy.oom_killed) == (137, True)
    assert (worker.exit_code, engine.logs(worker, "stderr")) == (70, b"connection lost\n")
