"""The audit trail: what was done, by whom, when; each entry bound to the one before.

A verb writes its entry in its own transaction, last:

    audit.write(session, Deed(business_id, Action.REQUEST_OPENED, staff(user), at, about(request)))

docs/audit.md says what is hashed and how anybody can check it.
"""

from voiceline.audit.actions import Action
from voiceline.audit.actors import (
    OPERATOR,
    SYSTEM,
    Actor,
    Subject,
    about,
    consumer,
    operators,
    staff,
)
from voiceline.audit.deeds import FACTS, Deed
from voiceline.audit.trail import SITTING, keep_name, write, write_each, write_once

__all__ = [
    "FACTS",
    "OPERATOR",
    "SITTING",
    "SYSTEM",
    "Action",
    "Actor",
    "Deed",
    "Subject",
    "about",
    "consumer",
    "keep_name",
    "operators",
    "staff",
    "write",
    "write_each",
    "write_once",
]
