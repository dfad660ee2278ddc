"""One request: what was asked, by when it must be answered, and what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from voiceline.casework import (
    find_message,
    find_request,
    history_of,
    messages_of,
    note_opened,
)
from voiceline.dashboard import letters
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.dashboard.desk import newest_change
from voiceline.dashboard.gate import may_read_notes
from voiceline.dashboard.granted import grant
from voiceline.dashboard.looking import membership
from voiceline.dashboard.owed import opt_out_by, owed
from voiceline.dashboard.wording import local_date
from voiceline.desk import proven
from voiceline.desk.open_appeals import newest_appeals
from voiceline.downloads import last_taken
from voiceline.inbox_rows import assignees_of
from voiceline.models import EventKind
from voiceline.notes import notes_of
from voiceline.reading import reader_of, unread_among
from voiceline.related import related_to
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from voiceline.casework import Message

blueprint = Blueprint(
    "requests", __name__, url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>"
)


@blueprint.get("")
def show_request(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Show the request with its messages and its history."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        history = history_of(session, found)
        appealed = any(line.kind == EventKind.APPEALED for line in history)
        messages = messages_of(session, found)
        parts: dict[str, Any] = {
            "messages": messages,
            "taken": last_taken(session, business_id, [each.voicemail.id for each in messages]),
            "history": history,
            "proven": proven(session, found),
            "appeals": newest_appeals(session, found) if appealed else {},
            "notes": notes_of(session, found) if may_read_notes() else [],
            **letters.parts_of(session, found, None if appealed else ()),
            "related": related_to(session, found),
            "assignee": assignees_of(session, [found]).get(found.id),
            "reader": (reader := reader_of(session, membership())),
            "is_unread": bool(unread_among(session, reader, [found.id])),
        }
        if request.method != "HEAD":
            note_opened(session, found, user(), now(), grant())
    return render_template(
        "request.html",
        request_shown=found,
        waiting=any(is_pending(message) for message in parts["messages"]),
        undoable=newest_change(found, history),
        owed=owed(found, parts["proven"], parts["letter_offers"]),
        opt_out_by=opt_out_by(found),
        today=local_date(now(), business().time_zone),
        **parts,
    )


@blueprint.get("/voicemails/<uuid:voicemail_id>/player")
def show_player(business_id: UUID, request_id: UUID, voicemail_id: UUID) -> ResponseReturnValue:
    """Show the player, or what there is instead; a page that waits for the audio asks."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        message = find_message(session, found, voicemail_id)
        taken = last_taken(session, business_id, [voicemail_id])
    return render_template("_player.html", request_shown=found, message=message, taken=taken)


@blueprint.get("/voicemails/<uuid:voicemail_id>/transcript")
def show_transcript(business_id: UUID, request_id: UUID, voicemail_id: UUID) -> ResponseReturnValue:
    """Show the draft, or what there is instead; a page that waits for the draft asks."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        message = find_message(session, found, voicemail_id)
    return render_template("_transcript.html", request_shown=found, message=message)


def is_pending(message: Message) -> bool:
    """Tell whether something of the message is still on its way."""
    draft = message.transcript
    return message.voicemail.status == VoicemailStatus.PENDING or (
        draft is not None and draft.status == TranscriptStatus.PENDING
    )
