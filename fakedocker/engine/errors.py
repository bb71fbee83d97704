"""What can go wrong, by kind, and every text in one place.

A kind says what happened; each dialect of the API has one small table that turns kinds into statuses. The
texts are the daemon's own (moby v0.4.0 and later: server.go, runtime.go, tags.go, network.go, buildfile.go).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Self

from fakedocker.engine.ids import short

#: A version of the API: (1, 42).
Version = tuple[int, int]


class DockerError(Exception):
    """Something the daemon refuses or fails to do; `str()` is its text, in the words of the newest daemon."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._earlier: list[tuple[Version, DockerError]] = []

    def formerly(self, until: Version, text: str, kind: Callable[[str], DockerError] | None = None) -> Self:
        """Note what daemons said whose newest API version was below `until`, and of which kind it was for them."""
        self._earlier.append((until, (kind or type(self))(text)))
        return self

    def for_daemon(self, newest: Version) -> DockerError:
        """Return this error as a daemon told it whose newest API version is this one."""
        fitting = [(until, error) for until, error in self._earlier if newest < until]
        return min(fitting, key=lambda one: one[0])[1] if fitting else self


class InvalidParameter(DockerError):
    """The request makes no sense."""


class NotFound(DockerError):
    """What the request names is not there."""


class Conflict(DockerError):
    """The state of things is against it."""


class NotModified(Conflict):
    """It is so already."""


class Forbidden(DockerError):
    """The daemon does not do that, whoever asks."""


class Unavailable(DockerError):
    """What is needed for it is not there now."""


class NotImplemented(DockerError):
    """Nobody has built it (yet)."""


class Unauthorized(DockerError):
    """Who asks may not."""


class Failure(DockerError):
    """The daemon tried and failed."""


class StepFailed(Failure):
    """The command of a build's step ended with another code than 0."""

    code = 0


def no_such_container(name: str) -> NotFound:
    return NotFound(f"No such container: {name}")


def no_such_image(name: str) -> NotFound:
    return NotFound(f"No such image: {name}")


def no_such_id(identity: str) -> NotFound:
    """The graph has no such image: an inner look-up that failed."""
    return NotFound(f"No such id: {identity}")


def no_command() -> Failure:
    return Failure("No command specified")


def already_running(identity: str) -> NotModified:
    return NotModified(f"The container {identity} is already running.")


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


def no_space_for_image() -> Failure:
    """The disk is full (moby distribution/pull_v2.go; the number is a temporary file's)."""
    return Failure("write /var/lib/docker/tmp/GetImageBlob362713589: no space left on device")


def no_space_for_container(identity: str) -> Failure:
    """The disk is full (moby daemon/graphdriver/overlay2)."""
    return Failure(f"mkdir /var/lib/docker/overlay2/{identity}-init: no space left on device")


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


class CannotStart(DockerError):
    """A container's command cannot be started; `code` is the exit code it has for that."""

    code = 128


class CannotExecute(CannotStart, InvalidParameter):
    """There is no such program, or it is none."""

    def __init__(self, text: str, code: int = 127) -> None:
        super().__init__(text)
        self.code = code


class NobodyThere(CannotStart, Failure):
    """The user it should run as is unknown."""


def exec_failed(program: str, problem: str) -> CannotExecute:
    """A container whose program cannot be started (runc 1.1)."""
    code = 127 if problem == NOT_IN_PATH or problem.startswith("stat ") else 126
    text = (
        "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
        f'exec: "{program}": {problem}: unknown'
    )
    error = CannotExecute(f"failed to create task for container: {text}", code)
    return error.formerly((1, 43), text, lambda text: CannotExecute(text, code))


def exec_command_failed(program: str, problem: str) -> CannotExecute:
    """An exec whose program cannot be started."""
    return CannotExecute(
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f'exec: "{program}": {problem}: unknown',
        126,
    )


def exec_directory_failed(path: str, problem: str) -> CannotExecute:
    """An exec that cannot begin where it should."""
    return CannotExecute(
        "OCI runtime exec failed: exec failed: unable to start container process: "
        f'chdir to cwd ("{path}") set in config.json failed: {problem}: unknown',
        126,
    )


def no_such_user(name: str) -> NobodyThere:
    return NobodyThere(f"unable to find user {name}: no matching entries in passwd file")


def no_such_group(name: str) -> NobodyThere:
    return NobodyThere(f"unable to find group {name}: no matching entries in group file")


def no_such_further_group(name: str) -> NobodyThere:
    return NobodyThere(f"Unable to find group {name}: no matching entries in group file")


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
    error = StepFailed(f"The command '{' '.join(command)}' returned a non-zero code: {code}")
    error.code = code
    return error


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
    return InvalidParameter(f"invalid signal: {name}").formerly((1, 42), f"Invalid signal: {name}")


def empty_volume() -> InvalidParameter:
    return InvalidParameter("VOLUME specified can not be an empty string")


def invalid_reference() -> InvalidParameter:
    return InvalidParameter("invalid reference format")


def uppercase_repository(path: str) -> InvalidParameter:
    error = InvalidParameter(f"invalid reference format: repository name ({path}) must be lowercase")
    return error.formerly((1, 42), "invalid reference format: repository name must be lowercase")


def pull_denied(repository: str) -> NotFound:
    return NotFound(
        f"pull access denied for {repository}, repository does not exist or may require 'docker login': denied: "
        "requested access to the resource is denied"
    )


def no_such_manifest(name: str) -> NotFound:
    return NotFound(f"manifest for {name} not found: manifest unknown: manifest unknown")


# -- images of today (dockerd 20.10) -----------------------------------------------------------------------


def wrong_layer(number: int, said: str, found: str) -> Failure:
    return Failure(f'invalid diffID for layer {number}: expected "{said}", got "{found}"')


def wrong_number_of_layers(found: int, said: int) -> Failure:
    return Failure(f"invalid manifest, layers length mismatch: expected {found}, got {said}")


def bad_json(document: bytes) -> Failure:
    """Something that should be a JSON object is none; the text is Go's, as far as it can be told."""
    if not document.strip():
        return Failure("unexpected end of JSON input")
    first = document.lstrip()[:1].decode("utf-8", "replace")
    if first == "{":
        return Failure("unexpected end of JSON input")
    return Failure(f"invalid character '{first}' looking for beginning of value")


def image_delete_conflict(identity: str, problem: str, *, hard: bool) -> Conflict:
    force = "cannot be forced" if hard else "must be forced"
    return Conflict(f"conflict: unable to delete {short(identity)} ({force}) - {problem}")


def reference_in_use(reference: str, container: str, image: str) -> Conflict:
    return Conflict(
        f'conflict: unable to remove repository reference "{reference}" (must force) - container {short(container)} '
        f"is using its referenced image {short(image)}"
    )


def invalid_tag() -> InvalidParameter:
    return InvalidParameter("invalid tag format")


def ambiguous_name() -> InvalidParameter:
    return InvalidParameter("refusing to create an ambiguous tag using digest algorithm as name")


def tag_with_digest() -> InvalidParameter:
    error = InvalidParameter("cannot import digest reference")
    return error.formerly((1, 42), "refusing to create a tag with a digest reference")


def invalid_change(word: str) -> InvalidParameter:
    error = InvalidParameter(f"{word} is not a valid change command")
    return error.formerly((1, 42), f"{word.lower()} is not a valid change command")


# -- containers of today (observed: dockerd 20.10.24 and 26.1.5) ------------------------------------------------


def invalid_container_name(name: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")


def name_in_use(name: str, identity: str) -> Conflict:
    return Conflict(
        f'Conflict. The container name "/{name}" is already in use by container "{identity}". '
        "You have to remove (or rename) that container to be able to reuse that name."
    )


def already_paused(identity: str) -> Conflict:
    return Conflict(f"Container {identity} is already paused")


def not_paused(identity: str) -> Failure:
    return Failure(f"Container {identity} is not paused")


def cannot_start_paused() -> Conflict:
    return Conflict("cannot start a paused container, try unpause instead")


def marked_for_removal() -> Conflict:
    return Conflict("container is marked for removal and cannot be started")


def empty_export() -> Failure:
    """Moby image/tarexport/save.go, saveImage."""
    return Failure("empty export - not implemented")


def already_being_removed(identity: str) -> Conflict:
    """Moby daemon/delete.go, ContainerRm."""
    return Conflict(f"removal of container {identity} is already in progress")


def cannot_commit_removing(identity: str) -> Conflict:
    """Moby daemon/commit.go, CreateImageFromContainer."""
    return Conflict(f"You cannot commit container {identity} which is being removed")


def cannot_commit_dead(identity: str) -> Conflict:
    """Moby daemon/commit.go, CreateImageFromContainer."""
    return Conflict(f"You cannot commit container {identity} which is Dead")


def cannot_attach_paused(name: str) -> Conflict:
    return Conflict(f"container {name} is paused, unpause the container before attach")


def cannot_attach_restarting(name: str) -> Conflict:
    return Conflict(f"container {name} is restarting, wait until the container is running")


def cannot_exec_paused(name: str) -> Conflict:
    return Conflict(f"Container {name} is paused, unpause the container before exec")


def restarting(identity: str) -> Conflict:
    return Conflict(f"Container {identity} is restarting, wait until the container is running")


def stopped(identity: str) -> Conflict:
    """A container that has to run does not."""
    return Conflict(f"container {identity} is not running").formerly((1, 43), f"Container {identity} is not running")


def cannot_kill(name: str, error: DockerError) -> DockerError:
    """A signal that could not be sent. The beginning was upper case once."""
    kind, old = type(error), error.for_daemon((1, 41))
    return kind(f"cannot kill container: {name}: {error}").formerly((1, 44), f"Cannot kill container: {name}: {old}")


def remove_running(identity: str, name: str) -> Conflict:
    text = (
        f'cannot remove container "/{name}": container is running: stop the container before removing or force remove'
    )
    return Conflict(text).formerly(
        (1, 43),
        f"You cannot remove a running container {identity}. "
        "Stop the container before attempting removal or force remove",
    )


def remove_paused(identity: str, name: str) -> Conflict:
    return Conflict(f'cannot remove container "/{name}": container is paused and must be unpaused first').formerly(
        (1, 43),
        f"You cannot remove a paused container {identity}. "
        "Unpause and then stop the container before attempting removal or force remove",
    )


def remove_restarting(identity: str, name: str) -> Conflict:
    state = "container is restarting: stop the container before removing or force remove"
    return Conflict(f'cannot remove container "/{name}": {state}').formerly(
        (1, 43),
        f"You cannot remove a restarting container {identity}. "
        "Stop the container before attempting removal or force remove",
    )


def default_link() -> Failure:
    return Failure("Conflict, cannot remove the default link name of the container")


def no_new_name() -> InvalidParameter:
    return InvalidParameter("Neither old nor new names may be empty")


def same_name() -> InvalidParameter:
    return InvalidParameter("Renaming a container with the same name as its current name")


def cannot_rename(error: DockerError) -> DockerError:
    return type(error)(f"Error when allocating new name: {error}")


def no_such_exec(identity: str) -> NotFound:
    return NotFound(f"No such exec instance: {identity}")


def exec_has_run(identity: str) -> Conflict:
    return Conflict(f"Error: Exec command {identity} has already run")


def exec_is_running(identity: str) -> Conflict:
    return Conflict(f"Error: Exec command {identity} is already running")


def exec_not_running(identity: str) -> NotFound:
    return NotFound(f"process does not exist {identity}: not found").formerly((1, 42), "no such exec")


def exec_container_stopped(identity: str) -> Conflict:
    error = stopped(identity)
    return error.formerly((1, 42), f"Container {identity} is not running: Exited", Failure)


def no_exec_command() -> InvalidParameter:
    return InvalidParameter("No exec command specified")


def no_path_in_container(path: str, name: str) -> NotFound:
    return NotFound(f"Could not find the file {path} in container {name}")


def below_a_file(path: str, root: str) -> Failure:
    """A path that goes on behind what is no directory; `root`: where the container's tree would be on the host."""
    return Failure(f"lstat {path}: not a directory").formerly((1, 42), f"lstat {root}{path}: not a directory")


def broken_archive(problem: str) -> Failure:
    """What is to be extracted is no archive, or not all of one."""
    return Failure(problem).formerly((1, 42), f"Error processing tar file(exit status 1): {problem}")


def not_a_directory_to_extract() -> Failure:
    return Failure("extraction point is not a directory")


def read_only_root() -> Forbidden:
    return Forbidden("container rootfs is marked read-only")


def invalid_restart_policy(name: str) -> InvalidParameter:
    text = (
        f"invalid restart policy: unknown policy '{name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
    )
    return InvalidParameter(text).formerly((1, 44), f"invalid restart policy '{name}'")


def retries_without_failure(name: str, retries: int) -> InvalidParameter:
    text = "invalid restart policy: maximum retry count can only be used with 'on-failure'"
    return InvalidParameter(text if retries > 0 else f"{text} and cannot be negative").formerly(
        (1, 44), f"maximum retry count cannot be used with restart policy '{name}'"
    )


def reference_does_not_exist() -> NotFound:
    return NotFound("reference does not exist")


def bad_image_archive(problem: str) -> Failure:
    return Failure(problem).formerly((1, 42), f"Error processing tar file(exit status 1): {problem}")


def bad_layer(problem: str) -> Failure:
    return Failure(problem).formerly((1, 42), f"ApplyLayer exit status 1 stdout:  stderr: {problem}")


def no_such_file(path: str) -> Failure:
    return Failure(f"open {path}: no such file or directory")


def invalid_loaded_tag(text: str) -> Failure:
    return Failure(f'invalid tag "{text}"')


# -- filters (observed: dockerd 20.10.24 and 26.1.5) ------------------------------------------------------------

#: Since 25.0 (API 1.44) what a request says is checked before anything is tried.
CHECKED_FIRST: Version = (1, 44)


def invalid_filter(key: str) -> InvalidParameter:
    return InvalidParameter(f"invalid filter '{key}'").formerly((1, 43), f"Invalid filter '{key}'")


def invalid_filter_value(key: str, problem: str) -> InvalidParameter:
    """A filter's value cannot be read; once the daemon did not say why."""
    error = InvalidParameter(f"invalid filter '{key}': {problem}")
    return error.formerly((1, 43), f"Invalid filter '{key}={problem}'")


def malformed_filters(problem: str) -> InvalidParameter:
    """The filters are not such a JSON; once it was Go that complained."""
    return InvalidParameter("invalid filter").formerly((1, 43), problem, Failure)


def invalid_parameter_value(name: str, value: str, function: str) -> InvalidParameter:
    """A parameter that Go's strconv could not read."""
    return InvalidParameter(f'invalid value for {name}: {value}: strconv.{function}: parsing "{value}": invalid syntax')


def invalid_dangling() -> InvalidParameter:
    return InvalidParameter('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")')


def several_values(key: str) -> InvalidParameter:
    return InvalidParameter(f'got more than one value for filter key "{key}"')


def several_until() -> InvalidParameter:
    return InvalidParameter("more than one until filter specified").formerly(
        (1, 43), "more than one until filter specified", Failure
    )


def invalid_until(value: str) -> InvalidParameter:
    text = f'failed to parse value as time or duration: "{value}"'
    return InvalidParameter(text).formerly((1, 43), text, Failure)


# -- networks (observed: dockerd 20.10.24 and 26.1.5) -----------------------------------------------------------


def no_such_network(name: str) -> NotFound:
    return NotFound(f"network {name} not found")


def ambiguous_network(count: int, name: str, by: str) -> InvalidParameter:
    """Several networks have this name, or ids that begin so."""
    return InvalidParameter(f"{count} matches found based on {by}: network {name} is ambiguous")


def ambiguous_network_for_verb(count: int, name: str, by: str) -> InvalidParameter:
    """The same, where something is to be done with the network."""
    return InvalidParameter(f"network {name} is ambiguous ({count} matches found based on {by})")


def invalid_network_name(name: str) -> InvalidParameter:
    return InvalidParameter(f"invalid name: {name}").formerly(CHECKED_FIRST, f"invalid name: {name}", Failure)


def network_exists(name: str) -> Conflict:
    return Conflict(f"network with name {name} already exists")


def predefined_network(name: str) -> Forbidden:
    return Forbidden(f"operation is not permitted on predefined {name} network ")


def cannot_remove_predefined(name: str) -> Forbidden:
    return Forbidden(f"{name} is a pre-defined network and cannot be removed")


def one_instance(driver: str) -> Forbidden:
    return Forbidden(f'only one instance of "{driver}" network is allowed')


def active_endpoints(name: str, identity: str) -> Forbidden:
    return Forbidden(f"error while removing network: network {name} id {identity} has active endpoints")


def no_network_plugin(name: str) -> NotFound:
    return NotFound(f'plugin "{name}" not found')


def no_swarm_manager() -> Forbidden:
    text = (
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to '
        "swarm and try again."
    )
    return Forbidden(text).formerly(CHECKED_FIRST, text, Failure)


def no_swarm_for_network() -> Forbidden:
    return Forbidden("cannot create a swarm scoped network when swarm is not active")


def ingress_is_global() -> Forbidden:
    return Forbidden("Ingress network can only be global scope network")


def invalid_ipvlan_mode(mode: str) -> Failure:
    return Failure(f"requested ipvlan mode '{mode}' is not valid, 'l2' mode is the ipvlan driver default")


def invalid_macvlan_mode(mode: str) -> Failure:
    return Failure(f"unknown macvlan mode: {mode}")


def no_configuration_network(name: str) -> NotFound:
    return NotFound(f'configuration network "{name}" does not exist')


def configuration_depends() -> Forbidden:
    return Forbidden("a configuration network cannot depend on another configuration network")


def configuration_of_its_own() -> Forbidden:
    return Forbidden(
        "user specified configurations are not supported if the network depends on a configuration network"
    )


def configuration_in_use(name: str) -> Forbidden:
    return Forbidden(f'error while removing network: configuration network "{name}" is in use')


def configuration_only() -> Forbidden:
    return Forbidden("cannot create endpoint on configuration-only network")


def invalid_driver_option(name: str, value: str) -> InvalidParameter:
    text = f'failed to parse {name} value: {value} (strconv.Atoi: parsing "{value}": invalid syntax)'
    return InvalidParameter(text).formerly(CHECKED_FIRST, text, Failure)


def pool_overlaps() -> Forbidden:
    return Forbidden("Pool overlaps with other one on this address space")


def several_subnets() -> Forbidden:
    return Forbidden("bridge driver doesn't support multiple subnets")


def no_address_pool(version: int) -> NotFound:
    return NotFound(
        f"could not find an available, non-overlapping IPv{version} address pool among the defaults to assign to the "
        "network"
    )


def address_out_of_range() -> Failure:
    return Failure("Requested address is out of range")


def address_in_use() -> Forbidden:
    return Forbidden("Address already in use")


def network_is_full(version: int, name: str, identity: str) -> Failure:
    return Failure(f"no available IPv{version} addresses on this network's address pools: {name} ({identity})")


def pool_exhausted() -> Failure:
    return Failure("No available addresses on this pool")


def gateway_not_allocated(gateway: str, error: DockerError) -> Failure:
    return Failure(f"failed to allocate gateway ({gateway}): {error}")


def auxiliary_elsewhere(name: str, address: str, subnet: str) -> Forbidden:
    return Forbidden(f"auxiliary address: ({name}:{address}) must belong to the master pool: {subnet}")


def auxiliary_not_allocated(name: str, address: str, error: DockerError) -> Failure:
    return Failure(f"failed to allocate secondary ip address ({name}:{address}): {error}")


def invalid_subnet(subnet: str) -> Failure:
    return Failure(f"Invalid subnet {subnet} : invalid CIDR address: {subnet}")


def invalid_network_type(kind: str) -> Failure:
    return Failure(f"invalid filter: 'type'='{kind}'")


def invalid_gateway(gateway: str) -> Failure:
    return Failure(f"invalid gateway address {gateway} in Ipam configuration")


def invalid_ip_range(subnet: str, span: str) -> Failure:
    return Failure(
        f'failed to parse pool request for address space "LocalDefault" pool "{subnet}" subpool "{span}": '
        "Invalid Address SubPool"
    )


def invalid_auxiliary(name: str, address: str, network: str) -> Failure:
    return Failure(f"non parsable secondary ip address ({name}:{address}) passed for network {network}")


def invalid_network_config(problems: str) -> InvalidParameter:
    return InvalidParameter(f"invalid network config:\n{problems}")


def invalid_endpoint_settings(problems: str, network: str = "") -> InvalidParameter:
    where = f"invalid config for network {network}: " if network else ""
    return InvalidParameter(f"{where}invalid endpoint settings:\n{problems}")


def endpoint_exists(container: str, network: str) -> Forbidden:
    return Forbidden(f"endpoint with name {container} already exists in network {network}")


def no_such_endpoint(name: str) -> NotFound:
    return NotFound(f"endpoint {name} not found")


def not_connected(identity: str, network: str) -> Failure:
    return Failure(f"container {identity} is not connected to network {network}")


def not_connected_stopped(identity: str, network: str) -> Failure:
    """The same of a container that does not run; the daemon has other words for it."""
    return Failure(f"container {identity} is not connected to the network {network}")


def invalid_name_or_id(name: str) -> InvalidParameter:
    return InvalidParameter(f'invalid name or ID supplied: "{name}"')


def host_network() -> InvalidParameter:
    return InvalidParameter("container cannot be disconnected from host network or connected to host network")


def private_network() -> InvalidParameter:
    return InvalidParameter(
        "container cannot be connected to multiple networks with one of the networks in private (none) mode"
    )


def shared_network() -> InvalidParameter:
    return InvalidParameter(
        "container sharing network namespace with another container or host cannot be connected to any other network"
    )


def join_stopped(name: str) -> Conflict:
    return Conflict(f"cannot join network of a non running container: {name}")


def join_self(identity: str) -> Failure:
    return Failure(f"cannot join own network: {identity}")


def alias_not_supported() -> InvalidParameter:
    return InvalidParameter("network-scoped alias is supported only for containers in user defined networks")


def address_not_supported() -> InvalidParameter:
    return InvalidParameter("user specified IP address is supported on user defined networks only")


def address_needs_subnet() -> InvalidParameter:
    return InvalidParameter(
        "user specified IP address is supported only when connecting to networks with user configured subnets"
    )


def address_not_of_network(address: str) -> Failure:
    return Failure(f"Invalid address {address}: It does not belong to any of this network's subnets")


def invalid_address(version: int, address: str) -> Failure:
    """The bracket is the original's."""
    return Failure(f"Invalid IPv{version} address: {address})")


def several_endpoints(names: Iterable[str]) -> InvalidParameter:
    listed = ", ".join(names)
    return InvalidParameter(f"Container cannot be created with multiple network endpoints: {listed}").formerly(
        CHECKED_FIRST, f"Container cannot be connected to network endpoints: {listed}"
    )


def cannot_listen(host: str, port: int, error: OSError) -> Failure:
    """Somebody else on the host has the port (the daemon of 2013: Go's net.Listen)."""
    return Failure(f"listen tcp {host}:{port}: {os.strerror(error.errno or 0).lower()}")


def external_connectivity(name: str, endpoint: str, error: DockerError) -> Failure:
    return Failure(f"driver failed programming external connectivity on endpoint {name} ({endpoint}): {error}")


def port_is_allocated(host: str, port: int) -> Failure:
    return Failure(f"Bind for {host}:{port} failed: port is already allocated")


def all_ports_allocated() -> Failure:
    return Failure("all ports are allocated")


def address_is_bound(protocol: str, host: str, port: int, error: OSError | None = None) -> Failure:
    """The port is taken at all addresses of the host and wanted at one, or the other way round; or `error` says why."""
    place = f"6 [{host}]" if ":" in host else f"4 {host}"
    reason = os.strerror(error.errno) if error is not None and error.errno else "Address already in use"
    return Failure(f"Error starting userland proxy: listen {protocol}{place}:{port}: bind: {reason.lower()}")


# -- volumes (observed: dockerd 20.10.24 and 26.1.5) ------------------------------------------------------------


def no_such_volume(name: str) -> NotFound:
    return NotFound(f"get {name}: no such volume" if name else "get: no such volume")


def no_volume_plugin(doing: str, volume: str, driver: str) -> NotFound:
    return NotFound(f'{doing} {volume}: error looking up volume plugin {driver}: plugin "{driver}" not found')


def volume_name_too_short(name: str) -> InvalidParameter:
    return InvalidParameter(
        f"create {name}: volume name is too short, names should be at least two alphanumeric characters"
    )


def invalid_volume_name(name: str) -> InvalidParameter:
    return InvalidParameter(
        f'create {name}: "{name}" includes invalid characters for a local volume name, only '
        '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path'
    )


def invalid_volume_option(name: str, option: str) -> InvalidParameter:
    return InvalidParameter(f'create {name}: invalid option: "{option}"')


def missing_volume_option(name: str, option: str) -> InvalidParameter:
    return InvalidParameter(f'create {name}: missing required option: "{option}"')


def only_cluster_volumes() -> Unavailable:
    """Volumes cannot be changed; before there were swarms' volumes (API 1.42) there was no such route."""
    text = "volume update only valid for cluster volumes, but swarm is unavailable"
    return Unavailable(text).formerly((1, 42), "page not found", NotFound)


def volume_in_use(name: str, containers: Iterable[str]) -> Conflict:
    return Conflict(f"remove {name}: volume is in use - [{', '.join(containers)}]")


# -- registries of today -----------------------------------------------------------------------------------


def manifest_unknown() -> NotFound:
    return NotFound("manifest unknown: manifest unknown")


def no_matching_platform(platform: str) -> Failure:
    return Failure(f"no matching manifest for {platform} in the manifest list entries")


def invalid_platform(text: str) -> InvalidParameter:
    return InvalidParameter(f'"{text}": cannot parse platform specifier: invalid argument')


def invalid_platform_component(text: str, part: str) -> InvalidParameter:
    must = 'platform specifier component must match "^[A-Za-z0-9_-]+$": invalid argument'
    return InvalidParameter(f'"{part}" is an invalid component of "{text}": {must}')


def unknown_platform(text: str) -> InvalidParameter:
    return InvalidParameter(f'"{text}": unknown operating system or architecture: invalid argument')


def registry_refuses_login(domain: str, path: str, tag: str) -> Failure:
    """Who asks is not who they say; the index has its own words for it."""
    if domain == "docker.io":
        url = f"https://registry-1.docker.io/v2/{path}/manifests/{tag}"
        return Failure(f'Head "{url}": unauthorized: incorrect username or password')
    return Failure("unauthorized: authentication required")


def no_credentials(domain: str, path: str, tag: str) -> Failure:
    return Failure(f'Head "{_v2(domain)}{path}/manifests/{tag}": {NO_CREDENTIALS}')


def no_credentials_to_push() -> Failure:
    """A registry of one's own that wants to know who pushes."""
    return Failure(NO_CREDENTIALS)


DOCKER_HUB = "registry-1.docker.io"
NO_CREDENTIALS = "no basic auth credentials"


def _v2(domain: str) -> str:
    """Return where a registry has its API: without TLS on the own machine, as daemons are configured by default."""
    host = domain.partition(":")[0]
    return f"{'http' if host == 'localhost' or host.startswith('127.') else 'https'}://{domain}/v2/"


def unexpected_registry_status(status: int) -> Failure:
    return Failure(f"received unexpected HTTP status: {status}")


def wrong_credentials() -> Failure:
    return Failure("unauthorized: authentication required")


def push_denied() -> Failure:
    return Failure("denied: requested access to the resource is denied")


def nothing_to_push(repository: str) -> Failure:
    return Failure(f"An image does not exist locally with the tag: {repository}")


def tag_does_not_exist(name: str) -> Failure:
    return Failure(f"tag does not exist: {name}")


def wrong_digest(digest: str) -> Failure:
    return Failure(f"filesystem layer verification failed for digest {digest}")


def volume_filters(error: DockerError) -> InvalidParameter:
    """Filters of volumes that cannot be read."""
    return InvalidParameter(f"error reading volume filters: {error}")


def invalid_truth(key: str, values: Iterable[str]) -> InvalidParameter:
    """A filter that is to be true or false is something else, or both."""
    text = f"{key}=[{' '.join(values)}]"
    return InvalidParameter(f"invalid filter '{text}'").formerly((1, 43), f"Invalid filter '{text}'")


# -- places in containers' trees (observed: dockerd 20.10.24 and 26.1.5) ----------------------------------------


def invalid_mode(mode: str) -> Failure:
    return Failure(f"invalid mode: {mode}")


def invalid_volumes_from_mode(mode: str) -> InvalidParameter:
    return InvalidParameter(f"invalid mode: {mode}")


def empty_volumes_from() -> InvalidParameter:
    return InvalidParameter("volumes-from specification cannot be an empty string")


def no_container_of_volumes(error: DockerError) -> InvalidParameter:
    return InvalidParameter(str(error))


def invalid_volume_specification(text: str, problem: str = "") -> Failure:
    return Failure(f"invalid volume specification: '{text}'" + (f": {problem}" if problem else ""))


def invalid_mount_config(kind: str, problem: str) -> InvalidParameter:
    return InvalidParameter(f'invalid mount config for type "{kind}": {problem}')


def option_of_other_mount(option: str, kind: str) -> InvalidParameter:
    """Options of one type of mount for another; since 24.0 the API says it, not the mount."""
    return InvalidParameter(f'{option} must not be specified on mount type "{kind}"').formerly(
        (1, 44), f'invalid mount config for type "{kind}": field {option} must not be specified'
    )


def no_such_subpath(path: str) -> NotFound:
    return NotFound(f"cannot access path {path}: lstat {path}: no such file or directory")


def invalid_tmpfs_option(option: str) -> Failure:
    words = [f'"{word}"' for word in option.split("=", 1)]
    return Failure(f"invalid tmpfs option {words[0]}").formerly((1, 42), f"invalid tmpfs option [{' '.join(words)}]")


def duplicate_mount_point(path: str) -> InvalidParameter:
    return InvalidParameter(f"Duplicate mount point: {path}")


def relative_mount_path(path: str) -> InvalidParameter:
    return InvalidParameter(f"invalid mount path: '{path}' mount path must be absolute")


def root_as_destination() -> InvalidParameter:
    return InvalidParameter("invalid specification: destination can't be '/'")


def not_blamed(error: DockerError) -> Failure:
    """The same, where the daemon does not blame the client."""
    return Failure(str(error)).formerly((1, 42), str(error.for_daemon((1, 41))))


def once_not_blamed(error: DockerError) -> DockerError:
    """The same; earlier daemons did not blame the client."""
    return type(error)(str(error)).formerly((1, 42), str(error.for_daemon((1, 41))), Failure)


def once_prefixed(error: DockerError, prefix: str) -> DockerError:
    """The same; earlier daemons said what for."""
    return type(error)(str(error)).formerly((1, 42), prefix + str(error.for_daemon((1, 41))))


def unexpected_search_status(status: int) -> Failure:
    return Failure(f"Unexpected status code {status}")


def invalid_stars(text: str) -> InvalidParameter:
    problem = f'strconv.Atoi: parsing "{text}": invalid syntax'
    error = InvalidParameter(f"invalid filter 'stars={text}': {problem}")
    return error.formerly((1, 42), f"Invalid filter 'stars={text}'")


def invalid_builder_version(version: str) -> InvalidParameter:
    text = f'invalid version "{version}"'
    return InvalidParameter(text).formerly((1, 42), text, Failure)


def bad_cache_from(problem: str) -> InvalidParameter:
    return InvalidParameter(f"error reading cache-from: {problem}").formerly((1, 42), problem, Failure)


def no_squash() -> InvalidParameter:
    return InvalidParameter("squash is only supported with experimental mode")


def unsupported_isolation(isolation: str) -> InvalidParameter:
    error = InvalidParameter(f'unsupported isolation: "{isolation}"')
    return error.formerly((1, 42), f'Unsupported isolation: "{isolation}"')


def bad_archive_sent(problem: str) -> Failure:
    """What came as the context of a build is no archive."""
    return Failure(problem)


def build_cache_not_pruned(error: DockerError) -> InvalidParameter:
    prefix = "failed to prune build cache: "
    return InvalidParameter(prefix + str(error)).formerly((1, 42), prefix + str(error.for_daemon((1, 41))))


def no_buildkit() -> NotImplemented:
    return NotImplemented(
        "BuildKit is not simulated: set DOCKER_BUILDKIT=0 in the environment of the client, to build with the classic "
        "builder"
    )


def bad_json_parameter(what: str, problem: str) -> InvalidParameter:
    return InvalidParameter(f"error reading {what}: {problem}")


def limit_out_of_range(limit: int) -> InvalidParameter:
    error = InvalidParameter(f"limit {limit} is outside the range of [1, 100]")
    return error.formerly((1, 42), f"Limit {limit} is outside the range of [1, 100]")


def invalid_limit(text: str) -> InvalidParameter:
    problem = f'strconv.Atoi: parsing "{text}": invalid syntax'
    return InvalidParameter(f"invalid limit specified: {problem}").formerly((1, 42), problem, Failure)


def missing_registry_auth() -> InvalidParameter:
    error = InvalidParameter("bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF")
    return error.formerly((1, 42), "Bad parameters and missing X-Registry-Auth: EOF")


def remote_context_failed(url: str, problem: str) -> Failure:
    return Failure(f"error downloading remote context {url}: {problem}")


def inspect_denied() -> Unauthorized:
    return Unauthorized(
        "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n"
    )


def invalid_keep_storage(text: str) -> InvalidParameter:
    problem = f'strconv.Atoi: parsing "{text}": invalid syntax'
    text = f"keep-storage is in bytes and expects an integer, got {text}: {problem}"
    return InvalidParameter(text).formerly((1, 42), text, Failure)


def invalid_flag(key: str, values: Iterable[str]) -> InvalidParameter:
    """A filter is neither true nor false."""
    told = f"'{key}=[{' '.join(sorted(values))}]'"
    return InvalidParameter(f"invalid filter {told}").formerly((1, 42), f"Invalid filter {told}")


def bad_pattern() -> Failure:
    return Failure("syntax error in pattern")


def unrecognised_health(value: str) -> InvalidParameter:
    return InvalidParameter(f"unrecognized filter value for health: {value}").formerly(
        (1, 43), f"Unrecognised filter value for health: {value}"
    )


def invalid_exited(value: str) -> InvalidParameter:
    problem = f'strconv.Atoi: parsing "{value}": invalid syntax'
    return InvalidParameter(f"invalid filter 'exited={value}': {problem}").formerly((1, 43), problem, Failure)


def invalid_port_filter(value: str) -> InvalidParameter:
    return InvalidParameter(
        f"filter for '{value}' should not contain ':'" if ":" in value else f"invalid port: {value}"
    )


def no_stream_chosen() -> InvalidParameter:
    return InvalidParameter("Bad parameters: you must choose at least one stream")


def invalid_detach_keys(keys: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid detach keys ({keys}) provided")


def no_such_log_driver(driver: str) -> InvalidParameter:
    return InvalidParameter(f'error looking up logging plugin {driver}: plugin "{driver}" not found')


def unknown_log_option(driver: str, option: str) -> InvalidParameter:
    if driver == "local":
        return InvalidParameter(f"unknown log opt '{option}' for log driver local")
    return InvalidParameter(f"unknown log opt '{option}' for {driver} log driver")


def unsupported_log_mode(mode: str) -> InvalidParameter:
    return InvalidParameter(f"logger: logging mode not supported: {mode}")


def log_buffer_without_mode() -> InvalidParameter:
    return InvalidParameter("logger: max-buffer-size option is only supported with 'mode=non-blocking'")


def unreadable_log() -> NotImplemented:
    return NotImplemented("configured logging driver does not support reading")


def no_path_given_to_copy() -> InvalidParameter:
    return InvalidParameter("Path cannot be empty")


def other_platform(name: str, wanted: str, actual: str) -> NotFound:
    return NotFound(
        f"image with reference {name} was found but does not match the specified platform: "
        f"wanted {wanted}, actual: {actual}"
    )


def needs_version(member: str, version: str) -> InvalidParameter:
    return InvalidParameter(f"{member} needs API v{version} or newer")


def start_with_body() -> InvalidParameter:
    return InvalidParameter(
        "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24"
    )


def mac_address_without_network() -> InvalidParameter:
    return InvalidParameter("conflicting options: mac-address and the network mode")


def two_mac_addresses() -> InvalidParameter:
    return InvalidParameter(
        "the container-wide MAC address must match the endpoint-specific MAC address for the main network, "
        "or be left empty"
    )


def no_main_network() -> InvalidParameter:
    return InvalidParameter(
        "if a container-wide MAC address is supplied, HostConfig.NetworkMode must match the identity of a network in "
        "NetworkSettings.Networks"
    )


def invalid_mac_address(network: str, address: str) -> InvalidParameter:
    return InvalidParameter(f"invalid config for network {network}: invalid MAC address {address}")


def invalid_wait_condition(condition: str) -> InvalidParameter:
    return InvalidParameter(f'invalid condition: "{condition}"')


def no_pid_in_ps() -> Failure:
    return Failure("Couldn't find PID field in ps output")


def empty_config() -> InvalidParameter:
    text = "config cannot be empty in order to create a container"
    return InvalidParameter(text).formerly((1, 43), text.capitalize())


def cannot_update(identity: str, problem: str) -> Conflict:
    return Conflict(f"Cannot update container {identity}: {problem}")


def no_path_given() -> InvalidParameter:
    return InvalidParameter("bad parameter: pathcannot be empty")


# -- what a configuration must not say -----------------------------------------------------------------------------


def relative_working_directory(path: str) -> InvalidParameter:
    return InvalidParameter(f"the working directory '{path}' is invalid, it needs to be an absolute path")


def invalid_variable(text: str) -> InvalidParameter:
    return InvalidParameter(f"invalid environment variable: {text}")


def too_short_in_healthcheck(member: str) -> InvalidParameter:
    return InvalidParameter(f"{member} in Healthcheck cannot be less than 1ms")


def negative_health_retries() -> InvalidParameter:
    return InvalidParameter("Retries in Healthcheck cannot be negative")


def remove_and_restart() -> InvalidParameter:
    return InvalidParameter("can't create 'AutoRemove' container with restart policy")


def negative_retries() -> InvalidParameter:
    return InvalidParameter("invalid restart policy: maximum retry count cannot be negative").formerly(
        (1, 44), "maximum retry count cannot be negative"
    )


def invalid_extra_host(text: str) -> InvalidParameter:
    return InvalidParameter(f'bad format for add-host: "{text}"')


def invalid_extra_address(text: str) -> InvalidParameter:
    return InvalidParameter(f'invalid IP address in add-host: "{text}"')


def invalid_port_specification(text: str) -> InvalidParameter:
    return InvalidParameter(f'invalid port specification: "{text}"')


def too_little_memory() -> InvalidParameter:
    return InvalidParameter("Minimum memory limit allowed is 6MB")


def swap_below_memory() -> InvalidParameter:
    return InvalidParameter("Minimum memoryswap limit should be larger than memory limit, see usage")


def swap_without_memory() -> InvalidParameter:
    return InvalidParameter("You should always set the Memory limit when using Memoryswap limit, see usage")


def too_many_processors(count: int) -> InvalidParameter:
    return InvalidParameter(
        f"range of CPUs is from 0.01 to {count}.00, as there are only {count} CPUs available"
    ).formerly((1, 46), f"Range of CPUs is from 0.01 to {count}.00, as there are only {count} CPUs available")


def processors_and(member: str) -> InvalidParameter:
    return InvalidParameter(f"Conflicting options: Nano CPUs and CPU {member} cannot both be set")


def too_little_reserved() -> InvalidParameter:
    return InvalidParameter("Minimum memory reservation allowed is 6MB")


def memory_below_reservation() -> InvalidParameter:
    return InvalidParameter("Minimum memory limit can not be less than memory reservation limit, see usage")


def too_little_kernel_memory() -> InvalidParameter:
    return InvalidParameter("Minimum kernel memory limit allowed is 6MB")


def invalid_swappiness(value: int) -> InvalidParameter:
    return InvalidParameter(f"Invalid value: {value}, valid memory swappiness range is 0-100")


def invalid_period() -> InvalidParameter:
    return InvalidParameter("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")


def invalid_quota() -> InvalidParameter:
    return InvalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)")


def invalid_set(kind: str, text: str, why: str) -> InvalidParameter:
    return InvalidParameter(f"Invalid value {text} for cpuset {kind}: {why}")


def unavailable_set(what: str, text: str, available: str) -> InvalidParameter:
    return InvalidParameter(f"Requested {what} are not available - requested {text}, available: {available}")


def invalid_cgroup_namespace(mode: str) -> InvalidParameter:
    return InvalidParameter(f"invalid cgroup namespace mode: {mode}")


def invalid_namespace(what: str, mode: str) -> InvalidParameter:
    return InvalidParameter(f"invalid {what} mode: {mode}")


def invalid_security_option(stage: int, text: str) -> Failure:
    return Failure(f'invalid --security-opt {stage}: "{text}"')


def negative_shm_size() -> InvalidParameter:
    return InvalidParameter("SHM size can not be less than 0")


def unknown_runtime(name: str) -> InvalidParameter:
    return InvalidParameter(f"unknown or invalid runtime name: {name}").formerly(
        (1, 43), f"Unknown runtime specified {name}"
    )


def invalid_isolation(name: str) -> Failure:
    return Failure(f"Invalid isolation: \"{name}\" - linux only supports 'default'")


def invalid_oom_score(score: int) -> InvalidParameter:
    return InvalidParameter(f"Invalid value {score}, range for oom score adj is [-1000, 1000]")


def unknown_capability(member: str, name: str) -> InvalidParameter:
    full = name.upper() if name.upper().startswith("CAP_") else f"CAP_{name.upper()}"
    return InvalidParameter(f'invalid {member}: unknown capability: "{full}"')


def no_command_today() -> InvalidParameter:
    return InvalidParameter("no command specified").formerly((1, 43), "No command specified")


def cannot_kill_with(name: str, error: DockerError) -> InvalidParameter:
    """The signal is none; once this was told without saying what it was for."""
    old = error.for_daemon((1, 41))
    return InvalidParameter(f"cannot kill container: {name}: {error}").formerly((1, 43), str(old))


def no_such_link(name: str) -> NotFound:
    return NotFound(f"Cannot get parent /{name} for link /{name}")


def swap_already_smaller(identity: str) -> Conflict:
    return cannot_update(
        identity,
        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    )


def ps_failed(problem: str) -> Failure:
    return Failure(f"ps: {problem}")


# -- what this daemon is not ----------------------------------------------------------------------------------------


def not_a_manager() -> Unavailable:
    return Unavailable(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to '
        "swarm and try again."
    )


def not_in_a_swarm() -> Unavailable:
    return Unavailable("This node is not part of a swarm")


def no_such_plugin(name: str) -> NotFound:
    return NotFound(f'plugin "{name}" not found')


def not_built(what: str) -> NotImplemented:
    return NotImplemented(f"fakedocker has not built this yet: {what}")


def login_refused(registry: str) -> Unauthorized:
    """The index does not know somebody; other registries say it with a status."""
    if registry == DOCKER_HUB:
        return Unauthorized(f'Get "https://{registry}/v2/": unauthorized: incorrect username or password')
    return Unauthorized(f"login attempt to {_v2(registry)} failed with status: 401 Unauthorized")


def cannot_extract(path: str, problem: str) -> Failure:
    return Failure(f"Error processing tar file(exit status 1): {path}: {problem.lower()}")


def kinds_differ(there: str, new: str, *, directory: bool) -> Failure:
    """An archive would put a directory in the place of a file, or a file in that of a directory."""
    if directory:
        return Failure(f'cannot overwrite directory "{there}" with non-directory "{new}"')
    return Failure(f'cannot overwrite non-directory "{there}" with directory "{new}"')


def cannot_link_stopped(name: str, alias: str) -> Failure:
    return Failure(f"Cannot link to a non running container: /{name} AS /{alias}")


def cannot_link(name: str, error: DockerError) -> InvalidParameter:
    return InvalidParameter(f"could not get container for {name}: {error}")
