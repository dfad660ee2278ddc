"""The calendar of deadlines: public, for the address is the key."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import TooManyRequests

from voiceline.calendars import events_of, find_deadlines
from voiceline.dashboard.context import now, secret, services, transaction_across
from voiceline.errors import NotFoundError
from voiceline.limits import counted_address, limit_key, take
from voiceline.rules.icalendar import write_calendar

blueprint = Blueprint("calendar", __name__)

WINDOW = timedelta(hours=1)
READS, MISSES = 60, 30
"""In an hour: of one calendar, and of addresses that lead nowhere, from one place."""


@blueprint.get("/calendar/<string(length=43):token>.ics")
def send_calendar(token: str) -> Response:
    """Send the calendar, or that it has not changed."""
    with transaction_across() as session:
        try:
            found = find_deadlines(session, token)
        except NotFoundError:
            found = None
        what, whom, most = (
            ("calendar.read", token, READS)
            if found
            else ("calendar.missed", counted_address(request.remote_addr), MISSES)
        )
        key = limit_key(what, whom, secret())
        allowed = take(session, key=key, allowance=most, window=WINDOW, at=now())
    if not allowed:
        raise TooManyRequests(retry_after=int(WINDOW.total_seconds()))
    if found is None:
        abort(404)
    name = f"{found.business}: privacy requests"
    text = write_calendar(name, events_of(found, services().settings.dashboard_url))
    answer = Response(text, mimetype="text/calendar")
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest())
    answer.make_conditional(request)
    return answer
