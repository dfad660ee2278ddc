"""A line in the middle of its year: a business with half a year of work, and an operator's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from desks import THREE_POINTS
from factories import (
    AT,
    make_business,
    make_call,
    make_code,
    make_derived,
    make_member,
    make_message,
    make_user,
    make_voicemail,
    tone,
)
from operators import make_grant, make_operator
from sqlalchemy import select

from voiceline import casework, desk, grants, greetings, number_looks, records
from voiceline.desk import Clerk
from voiceline.desk.timing import Means
from voiceline.models import Business, PeriodicRun, Role, ServiceCode, User
from voiceline.notes import add_note
from voiceline.rules.retention import AccountTier
from voiceline.rules.rights import Right
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session
    from staff import World

    from voiceline.bootstrap import Services
    from voiceline.models import PrivacyRequest

ASKED = (
    (Right.DELETE, "hello my name is dana whitfield please delete everything you have about me"),
    (Right.OPT_OUT, "please stop selling my information to other companies thank you"),
    (Right.KNOW_SPECIFIC, "i would like a copy of all you know about me i live in fresno"),
    (Right.DELETE, "this is marcus i closed my account in may and want my data gone"),
    (Right.CORRECT, "you have my old address on elm street it should be forty two oak avenue"),
    (Right.OPT_OUT, "do not share my number with anybody again i keep getting calls"),
    (None, "yes i have a question about my information please call me back"),
    (Right.LIMIT, "use my health information for the order and for nothing else please"),
)
"""What callers say, and the key they pressed before."""

SHOPS = (
    ("Bluebird Books", AccountTier.ENTERPRISE, "3077"),
    ("Cedar & Sons Outdoor Furniture of Sacramento", AccountTier.SMALL_MEDIUM, "3145208"),
    ("Harbor Dental Group", AccountTier.TRIAL, "6209114"),
    ("Juniper Market", AccountTier.SMALL_MEDIUM, "7718350"),
    ("Mission Street Pharmacy", AccountTier.ENTERPRISE, "8812"),
    ("Redwood Credit Union", AccountTier.ENTERPRISE, "5046713"),
)
UNASSIGNED = (
    "hello this is for acme shoes please delete my data",
    "yes i want to know what bluebird books has about me",
    "i am calling about my account please call me back",
)

GREETING = (
    "Thank you for calling Acme Shoes. You can ask what we know about you, have it corrected or "
    "deleted, or stop its sale. A person will read your message within one business day."
)
LONG, SHORT = tone(21.0), tone(9.0)
LISTENED_TO = 4
"""How many of the newest have a picture of their loudness."""

WAITING = {4, 6, 9}
"""Which of those after them wait for an answer; the last one for too long."""

NUMBER = "+18005550100"
OWN_NUMBER = "+18885550199"


@dataclass(frozen=True)
class Line:
    """Who looks at it, and what of it is worth looking at."""

    olga: User
    request: PrivacyRequest
    """The message of the first caller, with a note and a colleague who works on it."""
    unassigned: PrivacyRequest


def make_busy(services: Services, world: World) -> Line:
    """Fill the world as it is on an ordinary Saturday; the clock stands at AT."""
    with services.sessions.begin() as session:
        world = _merged(session, world)
        request = _half_a_year(session, services, world)
        _greet(session, world)
        olga = _shops(session, world)
        unassigned = _left_without_code(session, services)
        _standing_still(session, world)
    return Line(olga, request, unassigned)


def _merged(session: Session, world: World) -> World:
    kinds = {"acme": Business, "acme_code": ServiceCode, "alice": User, "bob": User}
    return type(world)(
        **vars(world)
        | {name: session.get_one(kind, getattr(world, name).id) for name, kind in kinds.items()}
    )


def _half_a_year(session: Session, services: Services, world: World) -> PrivacyRequest:
    """File four dozen messages and answer most; the newest are new."""
    found = []
    for number in range(48):
        right, text = ASKED[number % len(ASKED)]
        if number > max(WAITING):
            right = right or Right.OPT_OUT
        days = number * 3.6 + number % 5
        found.append(
            make_message(
                session,
                world.acme_code,
                services.store,
                right=right,
                text=text,
                audio=LONG if number < LISTENED_TO else SHORT,
                received_at=AT - timedelta(days=days, hours=2 + number % 6),
            )
        )
        records.begin_record(session, found[-1][0], at=AT)
    for number, (request, _) in enumerate(found[2:], start=2):
        clerk = Clerk(world.bob, request.received_at + timedelta(hours=1), request.version)
        desk.acknowledge(session, request, clerk, how=Means.PHONE)
        if number not in WAITING:
            _answer(session, request, world.bob, number)
    for _, voicemail in found[:LISTENED_TO]:
        make_derived(session, voicemail, services.store)
    newest = found[0][0]
    _work_on(session, newest, world)
    return newest


def _answer(session: Session, request: PrivacyRequest, by: User, number: int) -> None:
    """Verify and complete what can be; how soon differs from one to the next."""
    at = min(request.received_at + timedelta(days=4 + number * 7 % 38), AT - timedelta(hours=1))
    (right,) = request.rights
    if right.right not in {Right.OPT_OUT, Right.LIMIT}:
        desk.verify_identity(session, request, Clerk(by, at, request.version), THREE_POINTS)
    done = "All that was asked for was done in every system."
    desk.complete(session, request, Clerk(by, at, request.version), right, done=done)
    right.tell(at.date())
    request.follow_rights(at)
    records.follow(session, request, at=at)


def _work_on(session: Session, request: PrivacyRequest, world: World) -> None:
    at = AT - timedelta(minutes=40)
    casework.note_opened(session, request, world.bob, at)
    clerk = Clerk(world.alice, at, request.version)
    desk.assign(session, request, clerk, world.bob.id)
    clerk = Clerk(world.bob, at, request.version)
    desk.acknowledge(session, request, clerk, how=Means.PHONE)
    said = "Called back: she orders under dana.w@example.com. Order 10482 is the last one."
    add_note(session, request, uuid4(), said, world.bob, at)


def _greet(session: Session, world: World) -> None:
    for text, days in (("Thank you for calling Acme Shoes.", 90), (GREETING, 12)):
        at = AT - timedelta(days=days)
        greetings.set_greeting(session, world.acme_code, language="en", text=text, at=at)


def _shops(session: Session, world: World) -> User:
    """Open the other businesses; answer who runs the line."""
    olga = make_operator(session)
    for number, (name, tier, code) in enumerate(SHOPS):
        opened_at = AT - timedelta(days=30 * number + 3)
        until = AT + timedelta(days=4) if tier == AccountTier.TRIAL else None
        shop = make_business(session, name, tier=tier, opened_at=opened_at, trial_ends_at=until)
        make_code(session, shop, code)
        owner = make_user(session, f"Owner{number} of {name[:20]}")
        make_member(session, shop, owner)
    viola = make_user(session, "Viola Vance", signed_in_at=AT - timedelta(days=2))
    make_member(session, world.acme, viola, Role.VIEWER)
    long_name = make_user(
        session,
        "Maximiliana Featherstonehaugh",
        email="maximiliana.featherstonehaugh@customer-privacy.acme-shoes.example",
    )
    make_member(session, world.acme, long_name, Role.ADMIN)
    return olga


def _left_without_code(session: Session, services: Services) -> PrivacyRequest:
    """Leave messages with the operator that name a business, or do not; answer the first."""
    operators = session.scalars(select(ServiceCode).filter_by(code=OPERATOR_CODE)).one()
    left = []
    for days, text in enumerate(UNASSIGNED):
        at = AT - timedelta(days=12 * days, hours=3)
        message = make_message(session, operators, services.store, text=text, received_at=at)
        message[1].call.unassigned = True
        left.append(message[0])
    return left[0]


def _standing_still(session: Session, world: World) -> None:
    """Park a voicemail, let work wait for nobody, and let the scheduler be behind."""
    world.acme_code.dedicated_number = OWN_NUMBER
    call = make_call(session, world.acme_code, started_at=AT - timedelta(hours=2))
    parked = make_voicemail(session, call)
    parked.fail("the store is full", AT - timedelta(hours=2))
    session.add(PeriodicRun(name="expire", last_run_at=AT - timedelta(hours=5)))
    session.add(PeriodicRun(name="requeue_stalled", last_run_at=AT - timedelta(minutes=1)))
    looked_at = AT - timedelta(hours=1)
    number_looks.keep_look(session, NUMBER, differing=[], problem=None, at=looked_at)
    number_looks.keep_look(session, OWN_NUMBER, differing=["voice_url"], problem=None, at=AT)


def ask_to_read(services: Services, world: World, line: Line) -> None:
    """Let one of the operator's people read Acme Shoes, and another wait for an owner's word."""
    with services.sessions.begin() as session:
        _ask_to_read(session, _merged(session, world), session.merge(line.olga))


def _ask_to_read(session: Session, world: World, olga: User) -> None:
    make_grant(session, world.acme, olga, by=world.alice)
    pavel = make_user(session, "Pavel Petrov")
    make_member(session, session.scalars(_operators()).one(), pavel, Role.AGENT)
    why = "A caller says that a message was cut off; we want to hear the last ten seconds."
    grants.ask(session, world.acme.id, reason=why, hours=4, by=pavel, at=AT - timedelta(hours=1))


def _operators() -> Select[tuple[Business]]:
    return select(Business).join(ServiceCode).where(ServiceCode.code == OPERATOR_CODE)
