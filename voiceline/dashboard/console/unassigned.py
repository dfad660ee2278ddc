"""The unassigned queue: listen, find out who was meant, hand over, and on to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for

from voiceline import unassigned
from voiceline.casework import find_request, history_of, messages_of, note_opened
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.dashboard.requests import is_pending
from voiceline.dashboard.wording import local_date
from voiceline.desk import Clerk
from voiceline.downloads import last_taken
from voiceline.errors import NotFoundError, UserError
from voiceline.handing_over import hand_over
from voiceline.rules.plain_text import without_lines

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from voiceline.models import PrivacyRequest
    from voiceline.unassigned import Receiver

blueprint = Blueprint("console_unassigned", __name__, url_prefix="/operator/unassigned")

NOT_CHOSEN = "Choose at least one request."
GONE = "Somebody handed it over or closed it meanwhile."
NO_RECEIVER = "Nobody answers for that code now. Choose another."


@dataclass(frozen=True)
class Told:
    """What became of one request that was to be handed over."""

    request_id: UUID
    reference: str | None
    why: str | None
    """Why it was not, or None where it was."""


@blueprint.get("")
def show_queue() -> ResponseReturnValue:
    """Show what waits for a business, what waits longest first."""
    with transaction() as session:
        rows, ends = unassigned.queue_page(session, business().id, after=_after())
        count = unassigned.count_waiting(session, business().id)
    return render_template(
        "console/unassigned.html",
        rows=rows,
        count=count,
        next_page=url_for(".show_queue", after=ends) if ends else None,
        later_page="after" in request.args,
        said=request.args.get("said", "")[:9],
        today=_today(),
    )


@blueprint.get("/<uuid:unassigned_id>")
def show_item(unassigned_id: UUID) -> ResponseReturnValue:
    """Show one message to listen to, and who may be meant."""
    word = _word()
    with transaction() as session:
        found = _waiting(find_request(session, business().id, unassigned_id))
        messages = messages_of(session, found)
        ids = [each.voicemail.id for each in messages]
        drafts = [each.transcript.text or "" for each in messages if each.transcript]
        parts: dict[str, Any] = {
            "messages": messages,
            "taken": last_taken(session, business().id, ids),
            "history": history_of(session, found),
            "suggested": unassigned.suggest(session, drafts, now()),
            "found": unassigned.find_receivers(session, word, now()),
            "next_id": unassigned.next_waiting(session, business().id, found.id),
        }
        if request.method != "HEAD":
            note_opened(session, found, user(), now())
    return render_template(
        "console/unassigned_item.html",
        request_shown=found,
        word=word,
        waiting=any(is_pending(message) for message in messages),
        said=request.args.get("said", "")[:9],
        today=_today(),
        **parts,
    )


@blueprint.get("/hand-over")
def show_choice() -> ResponseReturnValue:
    """Let a business be chosen for what was ticked, and then say what will happen."""
    word, chosen = _word(), _chosen(request.args.getlist("ids"))
    receiver = _receiver(request.args.get("code", ""))
    with transaction() as session:
        requests = unassigned.still_waiting(session, business().id, chosen)
        found = unassigned.find_receivers(session, word, now())
    problem = None if requests else GONE if chosen else NOT_CHOSEN
    if request.args.get("code") and receiver is None:
        problem = NO_RECEIVER
    return render_template(
        "console/hand_over.html",
        requests=requests,
        receiver=receiver,
        found=found,
        word=word,
        problem=problem,
        today=_today(),
    ), 400 if chosen and problem else 200


@blueprint.post("/hand-over")
def take() -> ResponseReturnValue:
    """Hand over what was ticked, each by itself, and tell of each; of one, go on to the next."""
    chosen, receiver = _chosen(request.form.getlist("ids")), _receiver(request.form.get("code", ""))
    if not chosen or receiver is None:
        problem = NOT_CHOSEN if not chosen else NO_RECEIVER
        return render_template("console/handed_over.html", told=[], problem=problem), 400
    told = [_hand_over(id_, seen, receiver) for id_, seen in chosen.items()]
    if len(told) == 1 and told[0].why is None:
        return _go_on(told[0])
    page = render_template("console/handed_over.html", told=told, receiver=receiver, problem=None)
    return page, 409 if len(told) == 1 else 200


def _hand_over(id_: UUID, seen: int, receiver: Receiver) -> Told:
    """Hand one over in a transaction of its own."""
    reference = None
    try:
        with transaction() as session:
            try:
                reference = find_request(session, business().id, id_).reference
            except NotFoundError:
                reference = None
            hand_over(session, id_, receiver.code_id, Clerk(user(), now(), seen))
    except NotFoundError:
        return Told(id_, None, "It is not here.")
    except UserError as error:
        return Told(id_, reference, str(error))
    return Told(id_, reference, None)


def _go_on(told: Told) -> ResponseReturnValue:
    """Show the next that waits, or the empty queue."""
    with transaction() as session:
        following = unassigned.next_waiting(session, business().id)
    if following is None:
        return redirect(url_for(".show_queue", said=told.reference), code=303)
    return redirect(url_for(".show_item", unassigned_id=following, said=told.reference), code=303)


def _waiting(found: PrivacyRequest) -> PrivacyRequest:
    if found.call is None or not found.call.unassigned:
        raise NotFoundError("no such unassigned request")
    return found


def _chosen(values: list[str]) -> dict[UUID, int]:
    """Read what was ticked: ids, each with the version that was shown."""
    found: dict[UUID, int] = {}
    for value in values[: unassigned.PAGE]:
        id_, _, version = value.partition(":")
        try:
            found[UUID(id_)] = int(version[:9])
        except ValueError:
            abort(400)
    return found


def _receiver(text: str) -> Receiver | None:
    """Answer whom the form names, if they can receive."""
    try:
        code_id = UUID(text)
    except ValueError:
        return None
    with transaction() as session:
        return unassigned.find_receiver(session, code_id, now())


def _after() -> UUID | None:
    try:
        return UUID(request.args["after"])
    except (KeyError, ValueError):
        return None


def _word() -> str:
    return without_lines(request.args.get("q", "")[: unassigned.LONGEST_WORD])


def _today() -> Any:
    return local_date(now(), business().time_zone)
