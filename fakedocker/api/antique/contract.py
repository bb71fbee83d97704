"""Where the document and the daemon differ: the one table of the two contracts.

`documented` (the default) is what the API document says where it says something that can be tested, and the daemon
otherwise. `observed` is the daemon (moby commit 5ecfe13, whose document this is), its plain bugs excepted.

Nothing else in this package asks which contract is in force.
"""

from __future__ import annotations

from dataclasses import dataclass

from fakedocker.api.answers import JSON, RAW_STREAM, TEXT
from fakedocker.api.service import Contract, service


@dataclass(frozen=True, slots=True)
class Terms:
    """The places where the two contracts differ, in the order of the document."""

    #: Ids in lists of containers and images are cut to twelve digits.
    short_ids_in_lists: bool
    #: `since` and `before` take any id of a container, not only its twelve digits.
    any_id_in_since_and_before: bool
    #: Creating a container always answers with `Warnings`.
    warnings_always: bool
    create_type: str
    #: Inspecting a container says `Id`, `IpAddress`, `IpPrefixLen`, instead of `ID`, `IPAddress`, `IPPrefixLen`.
    documented_names: bool
    start_status: int
    #: Labels of /images/viz name repositories only, not their tags.
    bare_viz_labels: bool
    #: Progress streams of API 1.0 have this type.
    stream_type_1_0: str
    #: History always says `CreatedBy`, even if it is empty.
    created_by_always: bool
    #: Unknown images are 404 in history, tag and push, not 500 or an error in the stream.
    unknown_image_is_404: bool
    tag_status: int
    #: A tag that names another image is only moved with `force`.
    tag_conflicts: bool
    #: GET /auth shows a `password`, which is always empty.
    auth_shows_password: bool
    #: POST /auth answers with the index's words.
    auth_answers: bool
    #: /info shows limits even if the host has none.
    limits_always: bool
    commit_type: str


TERMS: dict[Contract, Terms] = {
    "documented": Terms(
        short_ids_in_lists=True,
        any_id_in_since_and_before=True,
        warnings_always=True,
        create_type=JSON,
        documented_names=True,
        start_status=200,
        bare_viz_labels=True,
        stream_type_1_0=RAW_STREAM,
        created_by_always=True,
        unknown_image_is_404=True,
        tag_status=200,
        tag_conflicts=True,
        auth_shows_password=False,
        auth_answers=False,
        limits_always=True,
        commit_type=RAW_STREAM,
    ),
    "observed": Terms(
        short_ids_in_lists=False,
        any_id_in_since_and_before=False,
        warnings_always=False,
        create_type=TEXT,
        documented_names=False,
        start_status=204,
        bare_viz_labels=False,
        stream_type_1_0=TEXT,
        created_by_always=False,
        unknown_image_is_404=False,
        tag_status=201,
        tag_conflicts=False,
        auth_shows_password=True,
        auth_answers=True,
        limits_always=False,
        commit_type=TEXT,
    ),
}


def terms() -> Terms:
    """Return the terms of the daemon that the present request reached."""
    return TERMS[service().contract]
