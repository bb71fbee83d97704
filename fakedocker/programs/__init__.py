"""What runs inside a container: a shell, the commands of busybox, services, programs scripted in a fixture.

Rules of this room: a program is a generator over the effects of `fakedocker.engine.processes.effects`; it works on the
container's files and descriptors only, never on the host's; it knows neither threads nor clocks. The judge of
output, messages and exit codes is busybox 1.35.
"""
