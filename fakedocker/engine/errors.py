"""What can go wrong, by kind, and every text in one place.

A kind says what happened; each dialect of the API has one small table that turns kinds into statuses. The
texts are the daemon's own (moby v0.4.0 and later: server.go, runtime.go, tags.go, network.go, buildfile.go).
"""

from __future__ import annotations

from collections.abc import Iterable

from fakedocker.engine.ids import short


class DockerError(Exception):
    """Something the daemon refuses or fails to do; `str()` is its text."""


class InvalidParameter(DockerError):
    """The request makes no sense."""


class NotFound(DockerError):
    """What the request names is not there."""


class Conflict(DockerError):
    """The state of things is against it."""


class Unauthorized(DockerError):
    """Who asks may not."""


class Failure(DockerError):
    """The daemon tried and failed."""


def no_such_container(name: str) -> NotFound:
    return NotFound(f"No such container: {name}")


def no_such_image(name: str) -> NotFound:
    return NotFound(f"No such image: {name}")


def no_such_id(identity: str) -> NotFound:
    """The graph has no such image: an inner look-up that failed."""
    return NotFound(f"No such id: {identity}")


def no_command() -> Failure:
    return Failure("No command specified")


def already_running(identity: str) -> Conflict:
    return Conflict(f"The container {identity} is already running.")


def not_running(identity: str) -> Conflict:
    return Conflict(f"Container {identity} is not running")


def no_volumes_from(identity: str) -> Failure:
    """Docker names the container itself here, not the one it did not find (moby container.go)."""
    return Failure(f"Container {identity} not found. Impossible to mount its volumes")


def invalid_port(text: str, problem: str) -> InvalidParameter:
    return InvalidParameter(f'strconv.ParseUint: parsing "{text}": {problem}')


def port_in_use(port: int) -> Conflict:
    return Conflict(f"Port already in use: {port}")


def no_free_address() -> Failure:
    return Failure("No unallocated IP available")


def no_read_write_layer(identity: str) -> Failure:
    return Failure(
        f"exit status 2: tar: /var/lib/docker/containers/{identity}/rw: Cannot open: No such file or directory"
    )


def no_terminal() -> Failure:
    return Failure("ptyMaster does not have Fd() method")


def cannot_attach_stopped() -> Conflict:
    return Conflict("Impossible to attach to a stopped container, start it first")


def cannot_attach_ghost() -> Conflict:
    return Conflict("Impossible to attach to a ghost container")


def empty_repository_name() -> InvalidParameter:
    return InvalidParameter("Repository name can't be empty")


def illegal_repository_name(name: str) -> InvalidParameter:
    return InvalidParameter(f"Illegal repository name: {name}")


def illegal_tag_name(name: str) -> InvalidParameter:
    return InvalidParameter(f"Illegal tag name: {name}")


def tag_conflict(repository: str, tag: str, identity: str) -> Conflict:
    return Conflict(f"Conflict, tag {repository}:{tag} is already set to {short(identity)}")


def image_not_deleted(name: str) -> Conflict:
    return Conflict(f"Conflict, {name} wasn't deleted")


def bad_archive(problem: str) -> Failure:
    return Failure(f"exit status 1: tar: {problem}")


def unexpected_index_status(status: int) -> Failure:
    """The spelling is the original's."""
    return Failure(f"Unexepected status code {status}")


def index_refuses(status: int) -> Failure:
    return Failure("Please login first (HTTP code 401)" if status == 401 else f"HTTP code: {status}")


def no_such_tag_in_index(tag: str, repository: str) -> NotFound:
    """The spelling is the original's."""
    return NotFound(f"Tag {tag} not found in repositoy {repository}")


def no_remote_history(status: int, identity: str) -> Failure:
    return Failure(f"Internal server error: {status} trying to fetch remote history for {identity}")


def push_without_login() -> Unauthorized:
    return Unauthorized("Please login prior to push. Type 'docker login'")


def download_failed(status: int, reason: str) -> Failure:
    return Failure(f"Got HTTP status code >= 400: {status} {reason}")


def download_unsupported(url: str) -> Failure:
    return Failure(f'Get "{url}": unsupported protocol scheme')


def download_without_host(url: str) -> Failure:
    return Failure(f'Get "{url}": http: no Host in request URL')


def download_no_such_host(host: str, url: str) -> Failure:
    return Failure(f'Get "{url}": dial tcp: lookup {host}: no such host')


def invalid_url(url: str, problem: str) -> InvalidParameter:
    return InvalidParameter(f'parse "{url}": {problem}')


def insert_over_directory(identity: str) -> Failure:
    return Failure(f"open /var/lib/docker/containers/{identity}/rw: is a directory")


def wrong_login() -> Unauthorized:
    return Unauthorized("Wrong login/password, please try again")


def inactive_account() -> Unauthorized:
    return Unauthorized("Login: Your account hasn't been activated. Please check your e-mail for a confirmation link.")


def registration_refused(body: str) -> Unauthorized:
    return Unauthorized(f"Registration: {body}")


def unexpected_registration_status(status: int, body: str) -> Failure:
    return Failure(f"Unexpected status code [{status}] : {body}")


def invalid_dockerfile() -> InvalidParameter:
    return InvalidParameter("Invalid Dockerfile format")


def nothing_built() -> InvalidParameter:
    return InvalidParameter("An error occured during the build\n")


def no_source_image(step: str) -> InvalidParameter:
    return InvalidParameter(f"Please provide a source image with `from` prior to {step}")


def invalid_instruction(name: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid {name} format")


def no_build_context() -> InvalidParameter:
    return InvalidParameter("No context given. Impossible to use ADD")


def deprecated_instruction(name: str) -> InvalidParameter:
    return InvalidParameter(f"{name} has been deprecated. Please use ADD instead")


def command_failed(command: list[str], code: int) -> Failure:
    return Failure(f"The command [{' '.join(command)}] returned a non-zero code: {code}")


def no_such_file_in_context(path: str) -> NotFound:
    return NotFound(f"stat {path}: no such file or directory")


def image_does_not_exist(name: str) -> Failure:
    """What history, tag and insert say of an unknown image (moby v0.4.0 tags.go and server.go)."""
    return Failure(f"Image does not exist: {name}")


# -- today's daemons (dockerd 20.10) ---------------------------------------------------------------------

NOT_IN_PATH = "executable file not found in $PATH"


def exec_failed(program: str, problem: str) -> Failure:
    """A container whose program cannot be started (runc 1.1)."""
    return Failure(
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
        f'exec: "{program}": {problem}: unknown'
    )


def no_such_user(name: str) -> Failure:
    return Failure(f"unable to find user {name}: no matching entries in passwd file")


def no_such_group(name: str) -> Failure:
    return Failure(f"unable to find group {name}: no matching entries in group file")


def outside_of_context(path: str) -> Failure:
    return Failure(f"forbidden path outside the build context: {path} ()")


def not_in_context(path: str, context: bool) -> NotFound:
    """Something that COPY or ADD was to take is not in the context, or in another image."""
    where = "file not found in build context or excluded by .dockerignore: " if context else ""
    return NotFound(f"{where}stat {path}: file does not exist")


def copy_failed(name: str, problem: str) -> Failure:
    """COPY or ADD cannot have what it is to take."""
    return Failure(f"{name} failed: {problem}")


def cannot_copy(problem: str) -> Failure:
    """COPY or ADD cannot put what it has taken where it is to be."""
    return Failure(f"failed to copy files: {problem}")


def copy_into_file(path: str) -> Failure:
    return Failure(f"failed to copy directory: mkdir {path}: not a directory")


def copy_below_file(path: str) -> Failure:
    return Failure(f"failed to create new directory: mkdir {path}: not a directory")


def unpack_over_file(path: str) -> Failure:
    return Failure(
        "Error processing tar file(exit status 1): Error setting up pivot dir: "
        f"mkdir {path}/.pivot_root0: not a directory"
    )


def several_sources(name: str) -> Failure:
    return Failure(
        f"When using {name} with more than one source file, the destination must be a directory and end with a /"
    )


def no_uid(name: str) -> Failure:
    return Failure(
        f"unable to convert uid/gid chown string to host mapping: can't find uid for user {name}: no such user: {name}"
    )


def no_gid(name: str) -> Failure:
    return Failure(
        "unable to convert uid/gid chown string to host mapping: "
        f"can't find gid for group {name}: no such group: {name}"
    )


def build_command_failed(command: Iterable[str], code: int) -> Failure:
    return Failure(f"The command '{' '.join(command)}' returned a non-zero code: {code}")


def cannot_make_working_directory(path: str, problem: OSError) -> Failure:
    if isinstance(problem, FileExistsError):
        return Failure(f"Cannot mkdir: {path} is not a directory")
    return Failure(f"mkdir {path}: {(problem.strerror or '').lower()}")


def no_dockerfile(name: str) -> Failure:
    return Failure(f"Cannot locate specified Dockerfile: {name}")


def dockerfile_is_directory(path: str) -> Failure:
    return Failure(f"unexpected error reading Dockerfile: read {path}: is a directory")


def empty_dockerfile(name: str) -> InvalidParameter:
    return InvalidParameter(f"the Dockerfile ({name}) cannot be empty")


def no_build_target(name: str) -> InvalidParameter:
    return InvalidParameter(f"failed to reach build target {name} in Dockerfile")


def duplicate_stage(name: str) -> InvalidParameter:
    return InvalidParameter(f"{name} stage name already used")


def blank_base_name(text: str) -> InvalidParameter:
    return InvalidParameter(f"base name ({text}) should not be blank")


def invalid_from(name: str, problem: str) -> InvalidParameter:
    return InvalidParameter(f"invalid from flag value {name}: {problem}")


def no_image_generated() -> Failure:
    return Failure("No image was generated. Is your Dockerfile empty?")


def invalid_container_port(port: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid containerPort: {port}")


def no_port_specified(text: str) -> InvalidParameter:
    return InvalidParameter(f"No port specified: {text}<empty>")


def invalid_protocol(protocol: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid proto: {protocol}")


def invalid_signal(name: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid signal: {name}")


def empty_volume() -> InvalidParameter:
    return InvalidParameter("VOLUME specified can not be an empty string")


def invalid_reference() -> InvalidParameter:
    return InvalidParameter("invalid reference format")


def uppercase_repository() -> InvalidParameter:
    return InvalidParameter("invalid reference format: repository name must be lowercase")


def pull_denied(repository: str) -> NotFound:
    return NotFound(
        f"pull access denied for {repository}, repository does not exist or may require 'docker login': denied: "
        "requested access to the resource is denied"
    )


def no_such_manifest(name: str) -> NotFound:
    return NotFound(f"manifest for {name} not found: manifest unknown: manifest unknown")
