"""The operator's access to a business, on the business's own page: who asked, and who decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import grants as verbs
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.context import now, transaction, user
from voiceline.models import GrantState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue

    from voiceline.models import AccessGrant

blueprint = Blueprint(
    "grants", __name__, url_prefix="/businesses/<uuid:business_id>/operator-access"
)

SAID = {
    "approved": "They can read from now on. You can end it at any time.",
    "refused": "They cannot read anything.",
    "ended": "The access has ended.",
}
GRANT_STATES = {
    GrantState.ASKED: "Waits for a decision",
    GrantState.LAPSED: "Lapsed: nobody decided",
    GrantState.TAKEN_BACK: "Taken back",
    GrantState.REFUSED: "Refused",
    GrantState.RUNNING: "Runs",
    GrantState.ENDED: "Ended early",
    GrantState.OVER: "Over",
}


@blueprint.record
def teach(state: Any) -> None:
    """Teach the templates the words of grants."""
    app: Flask = state.app
    app.jinja_env.globals.update(GRANT_STATES=GRANT_STATES, LENGTHS=verbs.LENGTHS)


@blueprint.get("")
def show_grants(business_id: UUID) -> ResponseReturnValue:
    """Show what was asked, what runs, and what there was."""
    return _page(business_id, said=SAID.get(request.args.get("said", "")))


@blueprint.post("/<uuid:grant_id>/approve")
def approve(business_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """Let the person read from now on."""
    return _done(business_id, grant_id, verbs.approve, "approved")


@blueprint.post("/<uuid:grant_id>/refuse")
def refuse(business_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """Let the person not read."""
    return _done(business_id, grant_id, verbs.refuse, "refused")


@blueprint.post("/<uuid:grant_id>/end")
def end(business_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """End access that runs."""
    return _done(business_id, grant_id, verbs.end, "ended")


def _done(
    business_id: UUID, grant_id: UUID, act: Callable[..., None], said: str
) -> ResponseReturnValue:
    if refused := refusal(lambda session: act(session, business_id, grant_id, by=user(), at=now())):
        return _page(business_id, refused=refused), 422
    return redirect(url_for("grants.show_grants", business_id=business_id, said=said), code=303)


def _page(business_id: UUID, **parts: Any) -> str:
    with transaction() as session:
        found = verbs.grants_of(session, business_id)
    return render_template(
        "grants.html",
        **by_state(found, now()),
        now=now(),
        **{"said": None, "refused": None, **parts},
    )


def by_state(found: Sequence[AccessGrant], at: datetime) -> dict[str, list[AccessGrant]]:
    """Answer which grants wait, which run, and which are history."""
    states = {each.id: each.state(at) for each in found}
    return {
        "asked": [each for each in found if states[each.id] is GrantState.ASKED],
        "running": [each for each in found if states[each.id] is GrantState.RUNNING],
        "former": [each for each in found if states[each.id] not in verbs.OPEN],
    }
