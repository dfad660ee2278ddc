"""The mail of an alarm: what the operator must look at today, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jobs.envelope import business_of, envelope
from voiceline.alarms import Alarm
from voiceline.errors import PermanentFailure
from voiceline.models import DeliveryKind
from voiceline.notices import is_reader
from voiceline.rules.clocks import DOUBT_WORDS, Doubt

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

CLOCK = """\
No voicemail expires until this is looked at. Nothing is lost by it: they are kept longer.

{why}

The database's clock shows {database}. The machine of the jobs shows {process}. What the database
showed last: {seen}.

What next: compare both clocks with the time of day and put a wrong one right. When both are right,
run “voiceline clock confirm”.

You are told again each day until then.
"""
UNDELETED = """\
The store refused to delete {count} of the voicemails that have expired. They are not marked as
deleted, nobody is told that they are gone, and each round tries again.

The last reason: {reason}.

What next: look at the bucket's policy, its versions and its object lock; “voiceline storage check”
says what should be there. docs/retention.md says what may keep a voicemail longer.

You are told again each day until they are gone.
"""
MISSING = """\
The sound of {count} of the voicemails is lost: it is not in the store, and the carrier does not
have it any more. Their requests are there, with their dates, their history and their drafts.

{which}

What next: where a copy of the store exists, put these objects back; they are found the next night.
Else ask these callers once more, where the request does not say enough: their dates run on.

You are told of each of them once.
"""
STRAYS = """\
The store has voicemails of which no row of the database ever spoke. That is how it looks after an
older copy of the database was restored.

What next: “voiceline storage orphans” names them, and “voiceline storage orphans --mend” takes on
again those that the carrier still remembers. docs/operations.md, “After a restore”, has the order.

What nobody claims is deleted 30 days after it was found. You are told when more are found.
"""
UNERASED = """\
An order to erase recordings for good is not done after more than a day. What no place refuses is
gone by now; the rest is tried again each hour at least.

The last reason: {reason}

What next: “voiceline erasure list” names the orders. By what is refused, look at the bucket's
policy, its versions and its object lock, at the carrier's account, at a legal hold, or at the key
store; docs/erasing.md says what each place is.

You are told again each day until it is gone.
"""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write what is the matter, as it was when the alarm was raised."""
    user_id = delivery.user_id
    if user_id is None or not is_reader(session, business_of(delivery).id, user_id):
        raise PermanentFailure("this person is no member any more")
    facts = delivery.facts or {}
    subject, say = WORDS[Alarm(facts["about"])]
    return envelope(built, delivery, subject, say(facts))


def _of_clock(facts: dict[str, str]) -> str:
    shown = {name: _written(facts.get(name)) for name in ("database", "process", "seen")}
    return CLOCK.format(why=DOUBT_WORDS[Doubt(facts["doubt"])], **shown)


def _of_undeleted(facts: dict[str, str]) -> str:
    return UNDELETED.format(count=facts["count"], reason=facts["reason"])


def _of_missing(facts: dict[str, str]) -> str:
    return MISSING.format(count=facts["count"], which=facts["which"])


def _of_unerased(facts: dict[str, str]) -> str:
    return UNERASED.format(reason=facts["reason"])


def _of_strays(_facts: dict[str, str]) -> str:
    return STRAYS


def _written(moment: str | None) -> str:
    at = datetime.fromisoformat(moment) if moment else None
    return f"{at.astimezone(UTC):%d %b %Y %H:%M:%S} UTC" if at else "nothing yet"


WORDS: dict[Alarm, tuple[str, Callable[[dict[str, str]], str]]] = {
    Alarm.CLOCK: ("A clock is in doubt: no voicemail expires", _of_clock),
    Alarm.UNDELETED: ("Voicemails that have expired cannot be deleted", _of_undeleted),
    Alarm.MISSING: ("The sound of voicemails is lost", _of_missing),
    Alarm.STRAYS: ("Voicemails without a row", _of_strays),
    Alarm.UNERASED: ("What was to be erased is still there", _of_unerased),
}
"""The subject and the words of each alarm."""

WRITERS = {DeliveryKind.ALARM: write}
