def test_python_is_what_its_words_and_its_image_say(fakedocker):
    for tag in ("3.11", "2.7"):
        fakedocker.engine.commit(fakedocker.engine.run("base", "true"), "python", tag)

    def prints(text):
        def program(process):
            yield from process.write(1, text)
            return 0

        return program

    fakedocker.program("python")(prints("some Python\n"))
    fakedocker.program("python", argv=["python", "--version"])(prints("Python 3.11.9\n"))
    fakedocker.program("python", argv=["python", "--version"], image="python:2.7")(prints("Python 2.7.18\n"))
    fakedocker.program("python", argv=lambda argv: "runserver" in argv, label="role=web")(prints("Serving\n"))

    def output(image, *command, **config):
        container = fakedocker.engine.run(image, *command, **config)
        fakedocker.engine.wait(container)
        return fakedocker.engine.logs(container)

    assert output("python:3.11", "python", "--version") == b"Python 3.11.9\n"
    assert output("python:2.7", "python", "--version") == b"Python 2.7.18\n"
    assert output("python:3.11", "python", "manage.py", "runserver") == b"some Python\n"
    assert output("python:3.11", "python", "manage.py", "runserver", labels={"role": "web"}) == b"Serving\n"
    assert output("base", "sh", "-c", "python x.py | wc -l") == b"1\n"
