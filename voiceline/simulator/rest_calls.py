"""POST to Calls: what the carrier's REST API takes and refuses, under the carrier's own numbers.

Source: Twilio's Call resource. An inline document that cannot be read is no reason to refuse: the
call is placed, whoever answers hears an apology, and the debugger has the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import jsonify, request

from .errors import CarrierFault
from .outgoing import read_leg
from .placing import Wanted, place
from .rest import BAD_QUERY, BASE, carrier, refuse, rest
from .rest_json import call_json

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from .verbs import Verb

NO_TO, BAD_TO, NO_FROM, BAD_FROM, NOT_VERIFIED, NO_DOCUMENT = (
    21201,
    21211,
    21213,
    21212,
    21210,
    21205,
)
MOST_TWIML = 4000
LONGEST = 86_400
USUAL_LIMIT = 14_400
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@rest.post(f"{BASE}/Calls.json")
def create_call(account_sid: str) -> ResponseReturnValue:
    """Place a call with an inline document, and answer its row at once."""
    if complaint := _complaint():
        return refuse(400, *complaint)
    form = request.form
    limit = form.get("TimeLimit", str(USUAL_LIMIT))
    if not limit.isdecimal() or not 0 < int(limit) <= LONGEST:
        return refuse(400, BAD_QUERY, "TimeLimit is a whole number of seconds, up to a day")
    twiml = form["Twiml"]
    if len(twiml) > MOST_TWIML:
        return refuse(400, BAD_QUERY, f"Twiml has at most {MOST_TWIML} characters")
    verbs: tuple[Verb, ...] = ()
    fault = None
    try:
        verbs = read_leg(twiml)
    except CarrierFault as wrong:
        fault = wrong
    row = place(
        carrier(), Wanted(form["From"], form["To"], verbs, time_limit=int(limit), fault=fault)
    )
    return jsonify(call_json(account_sid, "", row)), 201


def _complaint() -> tuple[int, str] | None:
    """Answer the first thing that is wrong, with the carrier's number for it."""
    form, here = request.form, carrier()
    to, caller = form.get("To", ""), form.get("From", "")
    ours = here.number(caller) is not None or caller in here.config.verified
    checks = (
        (to, NO_TO, "No 'To' number is specified"),
        (caller, NO_FROM, "No 'From' number is specified"),
        (_NUMBER.fullmatch(to), BAD_TO, "The 'To' number is not a valid phone number"),
        (_NUMBER.fullmatch(caller), BAD_FROM, "The 'From' number is not a valid phone number"),
        (ours, NOT_VERIFIED, "The 'From' number is not yours, and not verified"),
        (form.get("Twiml"), NO_DOCUMENT, "The simulated carrier wants an inline document: Twiml"),
    )
    return next(((code, words) for right, code, words in checks if not right), None)
