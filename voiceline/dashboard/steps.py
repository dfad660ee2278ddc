"""One step of casework as a form: shown where it can be taken, taken where nobody was first.

A step is a line of a literal table: what it is called and says, what keeps it from being taken,
what its form shows, and the verb of the desk that takes it. All of them are answered alike. What
was typed is never lost: not by a refusal (400), and not where a colleague was quicker (409).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from voiceline.casework import find_request, note_opened
from voiceline.dashboard.context import business, now, transaction, user
from voiceline.dashboard.fields import seen_version
from voiceline.dashboard.wording import local_date
from voiceline.desk import Clerk, find_right
from voiceline.errors import NotFoundError, OvertakenError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask import Blueprint
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.fields import Typed
    from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent


@dataclass(frozen=True)
class Sitting:
    """A colleague at a form: the request as it is, what it is about, and what they typed."""

    session: Session
    request: PrivacyRequest
    subject: RequestedRight | None
    """None where the step is about the whole request."""
    clerk: Clerk
    typed: Typed

    @property
    def right(self) -> RequestedRight:
        """The right the step is about."""
        if self.subject is None:
            raise NotFoundError("no such right")
        return self.subject

    def take(self, verb: Callable[..., RequestEvent], *about: Any, **facts: Any) -> None:
        """Call the verb on the request."""
        verb(self.session, self.request, self.clerk, *about, **facts)


def nothing(_request: PrivacyRequest, _right: RequestedRight | None) -> str | None:
    """Keep nobody from it."""
    return None


def no_facts(_sitting: Sitting) -> dict[str, Any]:
    """Show nothing but what every form shows."""
    return {}


@dataclass(frozen=True)
class Step:
    """One thing a colleague can do with a request, or with one of its rights."""

    name: str
    title: str
    says: str
    """What it means and what follows from it."""
    take: Callable[[Sitting], None]
    of_right: bool = True
    barrier: Callable[[PrivacyRequest, Any], str | None] = field(default=nothing)
    """Answers why it cannot be taken now, if so."""
    facts: Callable[[Sitting], dict[str, Any]] = field(default=no_facts)
    """What else the form shows; its `barrier` says what only the database knew."""
    button: str = ""
    """What the button says, where it is not the title."""
    leaves: bool = False
    """Whether the request is no longer here once it is taken."""

    @property
    def path(self) -> str:
        """The step's address below that of its request."""
        place = "/rights/<uuid:right_id>" if self.of_right else ""
        return f"{place}/{self.name.replace('_', '-')}"

    def url(self, filed: PrivacyRequest, right: RequestedRight | None = None) -> str:
        """Answer where the step's form is."""
        ids: dict[str, Any] = {"business_id": filed.business_id, "request_id": filed.id}
        if self.of_right and right:
            ids["right_id"] = right.id
        return url_for(f"desk.show_{self.name}", **ids)


def add_step(blueprint: Blueprint, step: Step) -> None:
    """Give the step its two addresses: the form, and where it is sent."""

    def show(**ids: UUID) -> ResponseReturnValue:
        return show_step(step, **ids)

    def take(**ids: UUID) -> ResponseReturnValue:
        return take_step(step, **ids)

    blueprint.add_url_rule(step.path, f"show_{step.name}", show, methods=["GET"])
    blueprint.add_url_rule(step.path, f"take_{step.name}", take, methods=["POST"])


def show_step(
    step: Step, business_id: UUID, request_id: UUID, right_id: UUID | None = None
) -> ResponseReturnValue:
    """Show the form, or why the step cannot be taken."""
    with transaction() as session:
        sitting = _sit(session, business_id, request_id, right_id)
        shown = _shown(step, sitting)
        if request.method != "HEAD":
            note_opened(session, sitting.request, user(), now())
    return render_template(f"steps/{step.name}.html", **shown)


def take_step(
    step: Step, business_id: UUID, request_id: UUID, right_id: UUID | None = None
) -> ResponseReturnValue:
    """Take the step and go back to the request, or show the form again with the reason why not."""
    ids = (business_id, request_id, right_id)
    try:
        with transaction() as session:
            step.take(_sit(session, *ids, typed=request.form))
    except NotFoundError:
        raise
    except OvertakenError as error:
        return _again(step, ids, error, 409)
    except UserError as error:
        return _again(step, ids, error, 400)
    if step.leaves:
        return redirect(url_for("inbox.show_inbox", business_id=business_id), code=303)
    page = url_for("requests.show_request", business_id=business_id, request_id=request_id)
    return redirect(page, code=303)


def _again(
    step: Step, ids: tuple[UUID, UUID, UUID | None], error: UserError, code: int
) -> ResponseReturnValue:
    with transaction() as session:
        shown = _shown(step, _sit(session, *ids))
    shown |= {"typed": request.form, "problem": error}
    return render_template(f"steps/{step.name}.html", **shown), code


def _sit(
    session: Session,
    business_id: UUID,
    request_id: UUID,
    right_id: UUID | None,
    *,
    typed: Typed | None = None,
) -> Sitting:
    found = find_request(session, business_id, request_id)
    right = find_right(found, right_id) if right_id else None
    seen = found.version if typed is None else seen_version(typed)
    return Sitting(session, found, right, Clerk(user(), now(), seen), typed or MultiDict())


def _shown(step: Step, sitting: Sitting) -> dict[str, Any]:
    """Answer what the form is made of; what only the form's own facts know is asked last."""
    shown = {
        "step": step,
        "request_shown": sitting.request,
        "right": sitting.subject,
        "typed": sitting.typed,
        "problem": None,
        "today": local_date(sitting.clerk.at, business().time_zone),
        "barrier": step.barrier(sitting.request, sitting.subject),
    }
    return shown if shown["barrier"] else shown | step.facts(sitting)
