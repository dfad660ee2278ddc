"""The verbs of a clerk who works on a request; docs/casework.md has the moves and the rules.

Each takes the request and a `Clerk`: who, when, and the version of the request they saw.
"""

from voiceline.desk.answering import (
    complete,
    complete_in_part,
    defer,
    deny,
    redirect,
    reopen,
    resume,
    withdraw,
)
from voiceline.desk.appeals import appeal, decide_appeal, withdraw_appeal
from voiceline.desk.assigning import assign
from voiceline.desk.changes import Clerk, find_right
from voiceline.desk.contact import Contact, set_contact
from voiceline.desk.grounds import missing_grounds
from voiceline.desk.identity import proven, verify_identity
from voiceline.desk.letters import LONGEST_FREE, Dispatch, send_letter
from voiceline.desk.naming import name_right, set_residence, set_standing, strike_right
from voiceline.desk.telling import take_back, tell_again
from voiceline.desk.timing import Means, acknowledge, extend
from voiceline.desk.undoing import UNDO_WITHIN, undo

__all__ = [
    "LONGEST_FREE",
    "UNDO_WITHIN",
    "Clerk",
    "Contact",
    "Dispatch",
    "Means",
    "acknowledge",
    "appeal",
    "assign",
    "complete",
    "complete_in_part",
    "decide_appeal",
    "defer",
    "deny",
    "extend",
    "find_right",
    "missing_grounds",
    "name_right",
    "proven",
    "redirect",
    "reopen",
    "resume",
    "send_letter",
    "set_contact",
    "set_residence",
    "set_standing",
    "strike_right",
    "take_back",
    "tell_again",
    "undo",
    "verify_identity",
    "withdraw",
    "withdraw_appeal",
]
