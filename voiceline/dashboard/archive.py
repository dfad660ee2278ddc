"""An enterprise's own bucket: named, set up at AWS, tested, watched, and disconnected."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from voiceline import archive as verbs
from voiceline.archive_copies import progress
from voiceline.archive_proofs import prove
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.kept_typing import kept_typing
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.rules import archive as rules
from voiceline.rules.retention import HELD_BACK_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import ArchiveDestination

blueprint = Blueprint("archive", __name__, url_prefix="/businesses/<uuid:business_id>/archive")

LONGEST_FIELD = 700

SAID = {
    "named": "Kept. Now make the role at AWS as shown below, and test the connection.",
    "connected": "All of it holds: the bucket is connected, and the copies begin within minutes.",
    "refused": "The test found something to change. Nothing is copied until it holds.",
    "disconnected": "Disconnected. Nothing more is sent; what is in the bucket stays yours.",
    "waiting": "Kept.",
}

PROOFS = {
    "trusted": "The role lets us in under the external ID",
    "needs_external_id": "It lets nobody in without an external ID",
    "needs_ours": "It lets nobody in under another one",
    "puts": "A test file can be put, encrypted as asked, into a bucket of your account",
    "reads_nothing": "We can read nothing in the bucket",
    "lists_nothing": "We cannot see what is in it",
}
"""What a test asks, in words, by the names of voiceline/archive_proofs.py."""


@blueprint.get("")
def show_archive(business_id: UUID) -> ResponseReturnValue:
    """Show where the copies go, what was proven of it, and how far they are."""
    typed = kept_typing("archive.name_place")
    return _page(business_id, said=request.args.get("said", ""), kept=bool(typed), typed=typed)


@blueprint.post("")
def name_place(business_id: UUID) -> ResponseReturnValue:
    """Keep where the copies shall go; nothing is sent there before a test."""
    settings, typed = services().settings, _typed()
    ours = rules.Ours(settings.archive_account, settings.s3_bucket)
    to, wrong = rules.read_destination(typed, ours)
    if to is None:
        return _page(business_id, wrong=wrong, typed=asdict(typed)), 422
    return _done(
        business_id,
        lambda session: verbs.name_place(session, business_id, to, by=user(), at=now()),
        "named",
        typed=asdict(typed),
    )


@blueprint.post("/test")
def test(business_id: UUID) -> ResponseReturnValue:
    """Ask AWS for every proof; no transaction waits for it."""
    archives = services().archives
    with transaction() as session:
        row = verbs.destination_of(session, business_id)
    if row is None or archives is None or not verbs.has_plan(business()):
        abort(404)
    try:
        proofs = prove(archives, verbs.place_of(row), row.external_id)
    except TemporaryFailure as failure:
        return _page(business_id, refused=f"AWS did not answer ({failure}). Try again later."), 503
    except PermanentFailure:
        said = "AWS does not know the operator of this service: tell them. Nothing has changed."
        return _page(business_id, refused=said), 503
    return _done(
        business_id,
        lambda session: verbs.note_proofs(
            session, business_id, row.version, proofs, by=user(), at=now()
        ),
        "connected" if all(each.held for each in proofs) else "refused",
    )


@blueprint.post("/waiting")
def choose_waiting(business_id: UUID) -> ResponseReturnValue:
    """Choose whether what has no copy yet outlives its last day."""
    on = request.form.get("waits") == "yes"
    return _done(
        business_id,
        lambda session: verbs.hold_back(session, business_id, on=on, by=user(), at=now()),
        "waiting",
    )


@blueprint.post("/disconnect")
def disconnect(business_id: UUID) -> ResponseReturnValue:
    """Send nothing there any more."""
    return _done(
        business_id,
        lambda session: verbs.disconnect(session, business_id, by=user(), at=now()),
        "disconnected",
    )


@blueprint.get("/role.json")
def send_template(business_id: UUID) -> ResponseReturnValue:
    """Send the CloudFormation template that makes the role."""
    with transaction() as session:
        row = verbs.destination_of(session, business_id)
    if row is None:
        return redirect(url_for("archive.show_archive", business_id=business_id))
    named = {"Content-Disposition": 'attachment; filename="voiceline-role.json"'}
    return Response(_documents(row)["template"], mimetype="application/json", headers=named)


def _typed() -> rules.Typed:
    fields = ("role_arn", "bucket", "region", "prefix", "kms_key")
    return rules.Typed(**{name: request.form.get(name, "")[:LONGEST_FIELD] for name in fields})


def _done(
    business_id: UUID, act: Callable[[Session], object], said: str, **parts: Any
) -> ResponseReturnValue:
    if refused := refusal(act):
        return _page(business_id, refused=refused, **parts), 422
    return redirect(url_for("archive.show_archive", business_id=business_id, said=said), code=303)


def _page(business_id: UUID, *, said: str = "", **parts: Any) -> str:
    with transaction() as session:
        row = verbs.destination_of(session, business_id)
        found = progress(session, business_id) if row and row.wanted_since else None
    return render_template(
        "archive.html",
        row=row,
        progress=found,
        documents=_documents(row) if row else None,
        offered=bool(services().settings.archive_account),
        has_plan=verbs.has_plan(business()),
        most_days=HELD_BACK_AT_MOST.days,
        PROOFS=PROOFS,
        said=SAID.get(said),
        **{"refused": None, "kept": False, "typed": {}, "wrong": {}, **parts},
    )


def _documents(row: ArchiveDestination) -> dict[str, str]:
    """Write what is pasted at AWS."""
    to, account = verbs.named(row), services().settings.archive_account
    trust = rules.trust_policy(account, row.external_id, partition=to.partition)
    return {
        "trust": rules.as_text(trust),
        "permissions": rules.as_text(rules.permission_policy(to)),
        "template": rules.cloudformation(to, account, row.external_id),
    }
