import pytest


@pytest.mark.fakedocker(clock="manual")
def test_a_database_shuts_down_when_it_is_asked_to(fakedocker):
    @fakedocker.program("postgres")
    def postgres(process):
        process.catch(15)  # SIGTERM
        yield from process.write(2, "database system is ready to accept connections\n")
        yield from process.await_signal()
        yield from process.write(2, "received smart shutdown request\n")
        return 0

    engine = fakedocker.engine
    database = engine.run("base", "postgres", "-D", "/data")
    fakedocker.advance(1)

    engine.stop(database)

    assert database.exit_code == 0
    assert b"smart shutdown" in engine.logs(database, "stderr")
