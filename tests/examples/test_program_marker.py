import pytest

from fakedocker.programs.services import service


def flaky(process):
    starts = process.path("/starts")
    process.files.append(starts, b"x")
    yield from process.sleep(30)
    return 1 if process.files.stat(starts).size < 3 else 0  # the third start goes well


@pytest.mark.fakedocker(
    programs={"/app/flaky": flaky, "redis-server": service("Ready to accept connections\n")}, clock="manual"
)
def test_a_supervisor_starts_again_what_ended_badly(fakedocker):
    engine = fakedocker.engine
    redis, app = engine.run("base", "redis-server"), engine.run("base", "/app/flaky")

    for code in (1, 1, 0):
        fakedocker.advance(31)
        assert app.exit_code == code
        engine.start(app)

    assert redis.running
    assert engine.logs(redis) == b"Ready to accept connections\n"
