"""Sending the forms of casework as a browser does, and what each of them needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from factories import AT
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from staff import csrf_token

from voiceline.filing import Asking, file_written
from voiceline.models import Channel, EventKind, PrivacyRequest, Requester
from voiceline.rules.rights import Right, RightSource

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session
    from staff import World
    from werkzeug.test import TestResponse

    from voiceline.bootstrap import Services
    from voiceline.models import RequestedRight, ServiceCode

Fields = dict[str, Any]
Done = tuple[str, Fields]

VERIFIED = {"method": "matched", "point": ["email", "order_number"], "result": "passed"}
DENIED = {"code": "transaction", "why_transaction": "A warranty runs until 2027."}
DENY: Done = ("deny", DENIED)
NAME_CORRECT: Done = ("name_right", {"right": "correct"})


@dataclass(frozen=True)
class Case:
    """A step as somebody takes it."""

    fields: Fields
    kind: EventKind
    after: tuple[Done, ...] = ()
    """What was done before it."""
    right: Right | None = None
    """The right it is about; None: the whole request."""
    repeats: bool = False
    """Whether it may be taken twice."""
    needs: tuple[str, ...] = field(default=())
    """Fields without which it is refused."""


_D = Right.DELETE
CASES = {
    "acknowledge": Case({"how": "email"}, EventKind.ACKNOWLEDGED, needs=("how",)),
    "verify": Case(VERIFIED, EventKind.VERIFIED, repeats=True, needs=("method", "result", "point")),
    "name_right": Case({"right": "correct"}, EventKind.RIGHT_NAMED, needs=("right",)),
    "set_residence": Case(
        {"residence": "US-VA", "source": "asked"},
        EventKind.RESIDENCE_SET,
        repeats=True,
        needs=("residence", "source"),
    ),
    "set_standing": Case(
        {"standing": "agent"}, EventKind.STANDING_SET, repeats=True, needs=("standing",)
    ),
    "set_contact": Case(
        {"name": "Maria Ruiz", "email": "Maria@Example.com"}, EventKind.CONTACT_SET
    ),
    "assign": Case({"to": "me"}, EventKind.ASSIGNED, needs=("to",)),
    "withdraw_all": Case({}, EventKind.WITHDRAWN),
    "undo": Case({}, EventKind.UNDONE, (("acknowledge", {"how": "letter"}),)),
    "complete": Case(
        {"done": "All was deleted."},
        EventKind.COMPLETED,
        (("verify", VERIFIED),),
        _D,
        needs=("done",),
    ),
    "complete_in_part": Case(
        {"done": "The account.", "not_done": "The invoices.", **DENIED},
        EventKind.PARTLY,
        (("verify", VERIFIED),),
        _D,
        needs=("done", "not_done", "code", "why_transaction"),
    ),
    "deny": Case(DENIED, EventKind.DENIED, (), _D, needs=("code", "why_transaction")),
    "redirect": Case(
        {"controller": "Bolt Bikes"}, EventKind.REDIRECTED, (), _D, needs=("controller",)
    ),
    "defer": Case({"because": "An open bill."}, EventKind.DEFERRED, (), _D, needs=("because",)),
    "resume": Case({}, EventKind.RESUMED, (("defer", {"because": "An open bill."}),), _D),
    "extend": Case(
        {"because": "It is in many systems.", "told": "already", "told_on": "2026-11-21"},
        EventKind.EXTENDED,
        (),
        _D,
        needs=("because", "told"),
    ),
    "withdraw": Case({}, EventKind.WITHDRAWN, (), _D),
    "reopen": Case({"because": "New facts."}, EventKind.REOPENED, (DENY,), _D, needs=("because",)),
    "appeal": Case({"received_on": "2026-11-21"}, EventKind.APPEALED, (DENY,), _D),
    "decide_appeal": Case(
        {"decision": "reopened", "because": "We were wrong."},
        EventKind.APPEAL_REVERSED,
        (DENY, ("appeal", {})),
        _D,
        needs=("decision", "because"),
    ),
    "withdraw_appeal": Case({}, EventKind.APPEAL_WITHDRAWN, (DENY, ("appeal", {})), _D),
    "correct_right": Case(
        {"right": "know_categories"},
        EventKind.RIGHT_NAMED,
        (NAME_CORRECT,),
        Right.CORRECT,
        needs=("right",),
    ),
    "strike_right": Case(
        {"because": "Misheard."},
        EventKind.RIGHT_STRUCK,
        (NAME_CORRECT,),
        Right.CORRECT,
        needs=("because",),
    ),
}


def filed(services: Services, world: World) -> PrivacyRequest:
    """Answer Acme's request as it is now, with its rights and its history."""
    with services.sessions() as session:
        found = session.scalar(
            select(PrivacyRequest)
            .where(PrivacyRequest.id == world.request.id)
            .options(
                selectinload(PrivacyRequest.rights),
                selectinload(PrivacyRequest.events),
                selectinload(PrivacyRequest.requester),
            )
        )
    assert found is not None
    return found


def right_of(request: PrivacyRequest, right: Right) -> RequestedRight:
    return next(each for each in request.rights if each.right == right)


def form_of(services: Services, world: World, step: str, right: Right | None = None) -> str:
    """Answer the address of a step's form."""
    about = right or (CASES[step].right if step in CASES else None)
    place = f"/rights/{right_of(filed(services, world), about).id}" if about else ""
    return f"{world.page}{place}/{step.replace('_', '-')}"


def make_written(
    session: Session, code: ServiceCode, details: str | None = None, **facts: Any
) -> PrivacyRequest:
    """File what somebody asked on the web form."""
    known = {"name": "Dana Diaz", "email": "dana@example.com", "details": details}
    asking = Asking(
        channel=Channel.WEB,
        language="en",
        received_at=AT,
        rights=(Right.DELETE,),
        source=RightSource.CHOSEN,
        requester=Requester(**known | facts),
    )
    return file_written(session, code, asking, at=AT)


def send(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Load the form and send it with what it came with."""
    page = client.get(path).text
    known = re.search(r'name="version" value="(\d+)"', page)
    form = {"csrf_token": csrf_token(client, path), "version": known[1] if known else "1"}
    return client.post(path, data=form | fields)


def take(
    client: FlaskClient, services: Services, world: World, step: str, **fields: Any
) -> TestResponse:
    return send(client, form_of(services, world, step), **fields)


def tell(client: FlaskClient, world: World, kind: str, way: str = "post") -> TestResponse:
    """Send the letter of that kind as its form shows it."""
    offered = re.search(
        rf'href="([^"]*letters/write\?kind={kind}[^"]*)"', client.get(world.page).text
    )
    assert offered, kind
    page = client.get(offered[1].replace("&amp;", "&")).text
    shown = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    sent = client.post(f"{world.page}/letters/write", data=shown | {"way": way, "do": "send"})
    assert sent.status_code == 303, sent.text
    return sent


def prepare(client: FlaskClient, services: Services, world: World, step: str) -> str:
    """Do what comes before the step, and answer where its form is."""
    for name, fields in CASES[step].after:
        assert take(client, services, world, name, **fields).status_code == 303, name
    return form_of(services, world, step)
