"""How things are said on a page: dates in the business's zone, names of things, plain sentences."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voiceline.dashboard.assets import asset_url
from voiceline.dashboard.badges import (
    acknowledge_badge,
    marks,
    respond_badge,
    rule_of,
    watch_badge,
)
from voiceline.dashboard.context import now
from voiceline.dashboard.outline import outline
from voiceline.desk import Means
from voiceline.models import Channel, EventKind, Role
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.outcomes import Task
from voiceline.rules.references import grouped
from voiceline.rules.retention import HELD_BACK_AT_MOST, RETENTION_DAYS, AccountTier
from voiceline.rules.rights import LABELS
from voiceline.rules.trials import tells_of_end, trial_days_left

if TYPE_CHECKING:
    from datetime import date

    from flask import Flask

    from voiceline.models import Business, Call, PrivacyRequest

UNKNOWN_CALLERS = {
    "missing": "Unknown: the network sent no number",
    "withheld": "Withheld by the caller",
    "not_a_phone": "Not a telephone number: an internet call",
    "malformed": "Unknown: the network sent no valid number",
}
LANGUAGES = {"en": "English", "es": "Spanish"}
PLANS = {
    AccountTier.TRIAL: "trial",
    AccountTier.SMALL_MEDIUM: "small and medium plan",
    AccountTier.ENTERPRISE: "enterprise plan",
}
HAPPENED = {
    EventKind.FILED: "Filed",
    EventKind.ACKNOWLEDGED: "Receipt confirmed",
    EventKind.VERIFIED: "Identity verified",
    EventKind.NOT_VERIFIED: "Identity not verified",
    EventKind.EXTENDED: "Extended",
    EventKind.COMPLETED: "Completed",
    EventKind.PARTLY: "Completed in part",
    EventKind.DENIED: "Denied",
    EventKind.REDIRECTED: "Redirected to the controller",
    EventKind.DEFERRED: "Deferred for an outstanding balance",
    EventKind.RESUMED: "Resumed",
    EventKind.WITHDRAWN: "Withdrawn",
    EventKind.REOPENED: "Reopened",
    EventKind.APPEALED: "Appealed by the consumer",
    EventKind.APPEAL_UPHELD: "Appeal decided: the answer stands",
    EventKind.APPEAL_REVERSED: "Appeal decided: reopened",
    EventKind.APPEAL_WITHDRAWN: "Appeal withdrawn",
    EventKind.RIGHT_NAMED: "Right named",
    EventKind.RIGHT_STRUCK: "Right struck out",
    EventKind.RESIDENCE_SET: "Residence noted",
    EventKind.STANDING_SET: "Noted for whom it is asked",
    EventKind.RECEIPT_MOVED: "Received earlier than was known",
    EventKind.HANDED_OVER: "Handed over to the business it was meant for",
    EventKind.HANDED_BACK: "Handed back to the operator",
    EventKind.CONTACT_SET: "Noted how to reach the consumer",
    EventKind.ASSIGNED: "Assigned",
    EventKind.EMAIL_CONFIRMED: "E-mail address confirmed by the consumer",
    EventKind.NOTE_ADDED: "Note written",
    EventKind.NOTE_EDITED: "Note edited",
    EventKind.NOTE_REMOVED: "Note removed",
    EventKind.EXPORTED: "Evidence pack taken",
    EventKind.LETTER_SENT: "Letter sent",
    EventKind.LETTER_RETURNED: "Letter came back: its e-mail was refused",
    EventKind.UNDONE: "Undone",
    EventKind.LISTENED: "Listened to",
    EventKind.DOWNLOADED: "Audio downloaded",
}
ROLES = {
    Role.VIEWER: "a viewer",
    Role.AGENT: "an agent",
    Role.ADMIN: "an admin",
    Role.OWNER: "an owner",
}
SETTINGS_PAGES = {
    "business_settings.show_settings": "General",
    "members.show_members": "Members",
    "codes.show_codes": "Service codes",
    "greetings.show_greetings": "Greetings",
    "notices.show_notices": "Notices",
    "business_sign_in.show_settings": "Sign-in",
    "holds.show_holds": "Holds",
    "archive.show_archive": "Your bucket",
    "grants.show_grants": "Operator",
}
"""The pages behind Settings, beside one another; who may not open one is not shown it."""

CHANNELS = {
    Channel.PHONE: "Telephone",
    Channel.WEB: "Web form",
    Channel.MAIL: "Letter",
    Channel.EMAIL: "E-mail",
    Channel.IN_PERSON: "In person",
}

MEANS = {
    Means.EMAIL: "by e-mail",
    Means.LETTER: "by letter",
    Means.PHONE: "by telephone",
    Means.IN_PERSON: "in person",
    Means.NONE: "kept for who asks: nobody could be reached",
}

LETTERS = {
    LetterKind.ACKNOWLEDGEMENT: "Confirmation of receipt",
    LetterKind.IDENTITY_ASKED: "Request to prove identity",
    LetterKind.EXTENSION: "Notice of a later date",
    LetterKind.COMPLETED: "Answer: done",
    LetterKind.PARTLY: "Answer: done in part",
    LetterKind.DENIED: "Answer: denied",
    LetterKind.REDIRECTED: "Answer: whom to ask instead",
    LetterKind.DEFERRED: "Notice that it waits",
    LetterKind.APPEAL_UPHELD: "Appeal: the answer stands",
    LetterKind.APPEAL_REVERSED: "Appeal: reopened",
}
WAYS = {
    Way.EMAIL: "by e-mail",
    Way.POST: "by post",
    Way.OTHER: "another way",
    Way.NOWHERE: "kept: nobody could be reached",
}
TASKS = {
    Task.CONFIRM: "Confirm receipt",
    Task.NAME: "Name what is asked for",
    Task.ANSWER: "Answer",
    Task.DECIDE: "Decide the appeal",
    Task.TELL: "Tell the consumer",
}

UNSURE = 0.5
"""A word the machine gave less than this is marked as unclear."""

_MINUTE, _HOUR, _DAY, _MONTH = 60, 3600, 86400, 30 * 86400


def set_up(app: Flask) -> None:
    """Teach the templates these words."""
    for function in (
        ago,
        to_come,
        caller,
        clock_seconds,
        clock_time,
        day,
        duration,
        local_date,
        longest_held_back,
        marks,
        moment,
        outline,
        phone,
        plan,
        rights,
        said_how,
    ):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["grouped"] = grouped
    app.jinja_env.globals.update(
        CHANNELS=CHANNELS,
        HAPPENED=HAPPENED,
        LANGUAGES=LANGUAGES,
        LETTERS=LETTERS,
        RIGHTS=LABELS,
        ROLES=ROLES,
        SETTINGS_PAGES=SETTINGS_PAGES,
        TASKS=TASKS,
        UNSURE=UNSURE,
        WAYS=WAYS,
        acknowledge_badge=acknowledge_badge,
        watch_badge=watch_badge,
        rule_of=rule_of,
        asset_url=asset_url,
        at_now=now,
        tells_of_end=tells_of_end,
        trial_days_left=trial_days_left,
        respond_badge=respond_badge,
    )


def local_date(at: datetime, zone: str) -> date:
    """Answer the date it was in the zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def day(value: date | datetime, zone: str | None = None) -> str:
    """Write a date: `3 Dec 2026`; a moment needs the zone whose date is meant."""
    if isinstance(value, datetime):
        value = local_date(value, zone or "UTC")
    return f"{value.day} {value:%b %Y}"


def clock_time(at: datetime, zone: str) -> str:
    """Write the time of day with its zone: `10:03 PST`."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M %Z}"


def clock_seconds(at: datetime, zone: str) -> str:
    """Write the time of day to the second: `10:03:07 PST`."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M:%S %Z}"


def moment(at: datetime, zone: str) -> str:
    """Write a moment: `21 Nov 2026, 10:03 PST`."""
    return f"{day(at, zone)}, {clock_time(at, zone)}"


def ago(at: datetime) -> str:
    """Say how long ago it was, roughly."""
    seconds = (now() - at).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    for unit, size, most in (("min", _MINUTE, _HOUR), ("h", _HOUR, _DAY)):
        if seconds < most:
            return f"{int(seconds // size)} {unit} ago"
    unit, size = ("day", _DAY) if seconds < 2 * _MONTH else ("month", _MONTH)
    count = int(seconds // size)
    return f"{count} {unit}{'s' if count > 1 else ''} ago"


def to_come(at: datetime, zone: str) -> str:
    """Say in how many days of the business a moment to come is: `today`, `in 12 days`."""
    days = min(
        (local_date(at, zone) - local_date(now(), zone)).days,
        ceil((at - now()) / timedelta(days=1)),  # no day more than is left, late in the evening
    )
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days") if days >= 0 else "now"


def duration(milliseconds: int | None) -> str:
    """Write how long a message is: `0:42`; a part of a second counts."""
    seconds = -(-(milliseconds or 0) // 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"


def phone(number: str) -> str:
    """Group a North American number; others stay as they are."""
    if number.startswith("+1") and len(number) == len("+18005550100"):
        return f"+1 {number[2:5]} {number[5:8]} {number[8:]}"
    return number


def caller(call: Call | None) -> str:
    """Say who called, as far as the network told."""
    if call is None:
        return "Not a call"
    if call.caller_id:
        return phone(call.caller_id)
    return UNKNOWN_CALLERS.get(call.caller_unknown_because or "", "Unknown")


def rights(request: PrivacyRequest) -> str:
    """Name what is asked for, or that nobody has named it yet."""
    named = [LABELS[each.right] for each in request.asked_rights if each.right]
    return ", ".join(sorted(named)) or "Not named yet"


def plan(business: Business) -> str:
    """Name the business's plan with how long it keeps voicemails."""
    return f"{PLANS[business.tier]}, {RETENTION_DAYS[business.tier]} days"


def longest_held_back(last_day: datetime) -> datetime:
    """Answer until when a voicemail without a copy in the enterprise's own bucket stays at most."""
    return last_day + HELD_BACK_AT_MOST


def said_how(how: str | None) -> str:
    """Say how receipt was confirmed."""
    if how and how.startswith("oral/"):
        return f"on the telephone, at the end of the call (sentences {how.removeprefix('oral/')})"
    if how and how.startswith("web/"):
        return f"on the page, as soon as it was sent (sentences {how.removeprefix('web/')})"
    return {str(means): words for means, words in MEANS.items()}.get(how or "", how or "")
