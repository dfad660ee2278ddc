"""The mail to colleagues: one line that says it all, then a list; no consumer's words or name.

Who may know is looked up when it is sent. A morning's message whose day is over is not sent any
more, but for the dates: those are told late rather than never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.claimed import now
from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.expiring import expiring
from voiceline.models import DeliveryKind
from voiceline.morning import unassigned
from voiceline.news import LISTED, answered, count_raised, overview, raised
from voiceline.notices import is_reader
from voiceline.rules.alerts import Stage
from voiceline.rules.deadlines import received_on
from voiceline.rules.outcomes import Task
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery, PrivacyRequest
    from voiceline.news import Answered

STAGES = {
    Stage.OVERDUE: "overdue",
    Stage.TWO: "due in 2 days or less",
    Stage.FIVE: "due in 5 days or less",
    Stage.TEN: "due in 10 days or less",
}
TASKS = {
    Task.CONFIRM: "confirm receipt by",
    Task.NAME: "name it by",
    Task.ANSWER: "due",
    Task.DECIDE: "decide the appeal by",
    Task.TELL: "tell the consumer by",
}
FOOT = """\
{address}

You choose what you are sent here:
{choice}

This message holds no consumer's name, number or words{unless}. Please do not forward the addresses
outside your company.
"""
KEEP = """\
The audio goes, as your plan says; the request, its dates and its log stay. Who needs a voicemail
for longer downloads it before. All of these at once:"""
LONGEST_WORDS = 1000
COUNTED = 1000
WEEK = 7
NEWS_COUNTED = 99


def write_new(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write the word that a request came."""
    _check_reader(session, delivery)
    request = delivery.request
    if request is None:
        raise PermanentFailure("the request is gone")
    by = _written(request.respond_by)
    line = f"{business_of(delivery).name} has a new privacy request, to be answered by {by}."
    words = _words(delivery, request)
    text = [
        line,
        "",
        *_lines([request]),
        *words,
        "",
        _foot(built, delivery, request, words=bool(words)),
    ]
    on = f"{request.respond_by.day} {request.respond_by:%b %Y}"
    subject = f"New privacy request {grouped(request.reference)}: answer by {on}"
    return envelope(built, delivery, subject, "\n".join(text))


def write_deadlines(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write which dates came near, and which have passed."""
    day = _check_reader(session, delivery)
    counts = count_raised(session, business_of(delivery).id, day)
    if not counts:
        raise PermanentFailure("there is nothing to tell")
    parts = [f"{count} {STAGES[stage]}" for stage, count in counts.items()]
    line = f"{business_of(delivery).name}, privacy requests: {', '.join(parts)}."
    found = raised(session, business_of(delivery).id, day)
    text = [line, "", *_lines(each.request for each in found)]
    if more := sum(counts.values()) - len(found):
        text.append(f"and {more} more")
    return envelope(built, delivery, line, "\n".join([*text, "", _foot(built, delivery)]))


def write_assigned(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write that a colleague gave the reader requests to work on: how many, and which one."""
    _check_reader(session, delivery)
    request, name = delivery.request, business_of(delivery).name
    if request is None:
        count = (delivery.facts or {}).get("count", "several")
        line = f"{name}: {count} privacy requests were assigned to you."
        return envelope(built, delivery, line, "\n".join([line, "", _foot(built, delivery)]))
    if request.assignee_id != delivery.user_id:
        raise PermanentFailure("it was given to somebody else meanwhile")
    line = f"{name}: privacy request {grouped(request.reference)} was assigned to you."
    text = [line, "", *_lines([request]), "", _foot(built, delivery, request)]
    return envelope(built, delivery, line, "\n".join(text))


def write_digest(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write where the business stands this morning."""
    return _write_overview(built, session, delivery, days=1, since="since yesterday")


def write_summary(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write where the business stands at the end of the week, and what was answered in it."""
    return _write_overview(built, session, delivery, days=WEEK, since="this week")


def write_unassigned(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write which messages still wait to be given to a business."""
    _check_reader(session, delivery, until_evening=True)
    found = unassigned(session, business_of(delivery).id, limit=LISTED + 1)
    if not found:
        raise PermanentFailure("there is nothing to tell")
    count = f"{LISTED}+" if len(found) > LISTED else str(len(found))
    line = f"Calls without a service code that nobody has assigned yet: {count}."
    text = [line, "", *_lines(found[:LISTED]), "", _foot(built, delivery)]
    return envelope(built, delivery, line, "\n".join(text))


def write_expiring(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write how many voicemails are about to go, when the first does, and how to keep them."""
    day = _check_reader(session, delivery)
    found = expiring(session, business_of(delivery).id, day)
    if not found:
        raise PermanentFailure("there is nothing to tell")
    zone = business_of(delivery).time_zone
    total = sum(count for count, _ in found.values())
    first = _written(received_on(min(first for _, first in found.values()), zone))
    line = f"{business_of(delivery).name}: {_voicemails(total)} will expire, from {first} on."
    rows = [
        f"  {_voicemails(count)}  within {days + 1} days  from {_written(received_on(at, zone))} on"
        for days, (count, at) in found.items()
    ]
    page = f"requests/downloads?status=all&expires={max(found) + 1}"
    text = [line, "", *rows, "", KEEP, "", _foot(built, delivery, page=page)]
    return envelope(built, delivery, line, "\n".join(text))


def _voicemails(count: int) -> str:
    return "1 voicemail" if count == 1 else f"{count:,} voicemails"


def _write_overview(
    built: Services, session: Session, delivery: Delivery, *, days: int, since: str
) -> EmailMessage:
    day = _check_reader(session, delivery, until_evening=True)
    at = delivery.created_at
    found = overview(session, business_of(delivery).id, today=day, at=at, days=days)
    counts = [
        f"{_capped(found.open, COUNTED)} open",
        f"{_capped(found.overdue, COUNTED)} overdue",
        f"{_capped(found.new, NEWS_COUNTED)} new {since}",
    ]
    took = []
    if delivery.kind == DeliveryKind.FRIDAY_SUMMARY:
        ended = answered(session, business_of(delivery).id, today=day, days=days)
        counts.append(f"{ended.count} answered {since}")
        took = [_took(ended), ""]
    line = f"{business_of(delivery).name}, privacy requests: {', '.join(counts)}."
    due = ["Due first:" if found.next else "Nothing is open.", *_lines(found.next)]
    text = [line, "", *took, *due]
    return envelope(built, delivery, line, "\n".join([*text, "", _foot(built, delivery)]))


def _took(ended: Answered) -> str:
    if not ended.count:
        return "Nothing was answered in the last seven days."
    return (
        f"Answered in the last seven days, by right: {ended.count}. Days from receipt to the "
        f"answer: {ended.median_days:g} in the middle, {ended.longest_days} at the longest."
    )


def _check_reader(session: Session, delivery: Delivery, *, until_evening: bool = False) -> date:
    """Answer the day it tells of; PermanentFailure where nobody may or need know any more."""
    user_id = delivery.user_id
    if user_id is None or not is_reader(session, business_of(delivery).id, user_id):
        raise PermanentFailure("this person is no member any more")
    created = received_on(delivery.created_at, business_of(delivery).time_zone)
    day = delivery.about_on or created
    if until_evening and received_on(now(), business_of(delivery).time_zone) > day:
        raise PermanentFailure("the day it tells of is over")
    return day


def _lines(requests: Iterable[PrivacyRequest]) -> list[str]:
    return [f"  {grouped(each.reference)}  {_task(each)}  {_rights(each)}" for each in requests]


def _task(request: PrivacyRequest) -> str:
    """Say what is due first, and on which day."""
    if request.task is None:
        return "nothing due any more"
    day, task = request.task
    return f"{TASKS[task]} {_written(day)}"


def _rights(request: PrivacyRequest) -> str:
    named = sorted(LABELS[asked.right] for asked in request.asked_rights if asked.right)
    return ", ".join(named) or "not named yet"


def _written(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _words(delivery: Delivery, request: PrivacyRequest) -> list[str]:
    """Answer what the consumer wrote, where the business wants that in its mail."""
    details = request.requester.details if request.requester else None
    if not business_of(delivery).mails_words or not details:
        return []
    return ["", "What was written:", *(f"> {line}" for line in details[:LONGEST_WORDS].split("\n"))]


def _foot(
    built: Services,
    delivery: Delivery,
    request: PrivacyRequest | None = None,
    *,
    words: bool = False,
    page: str = "requests",
) -> str:
    base = f"{built.settings.dashboard_url}/businesses/{delivery.business_id}"
    return FOOT.format(
        address=f"{base}/requests/{request.id}" if request else f"{base}/{page}",
        choice=f"{base}/notices",
        unless=" but what is quoted above" if words else "",
    )


def _capped(count: int, most: int) -> str:
    return f"{most}+" if count >= most else str(count)


WRITERS = {
    DeliveryKind.NEW_REQUEST: write_new,
    DeliveryKind.ASSIGNED: write_assigned,
    DeliveryKind.DEADLINES: write_deadlines,
    DeliveryKind.DAILY_DIGEST: write_digest,
    DeliveryKind.FRIDAY_SUMMARY: write_summary,
    DeliveryKind.UNASSIGNED: write_unassigned,
    DeliveryKind.EXPIRING: write_expiring,
}
"""Each kind of message to colleagues and who writes it."""
