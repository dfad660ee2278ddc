"""Each step of casework is in the audit trail, in the transaction of the step."""

from __future__ import annotations

import json

import pytest
from desks import THREE_POINTS
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.audit import FACTS, Action
from voiceline.audit.words import words_digest
from voiceline.desk import Means
from voiceline.errors import MoveError
from voiceline.models import AuditEntry, EventKind, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

NOT_STEPS = {
    *(EventKind.FILED, EventKind.LISTENED, EventKind.DOWNLOADED, EventKind.EXPORTED),
    *(EventKind.NOTE_ADDED, EventKind.NOTE_EDITED, EventKind.NOTE_REMOVED),
    *(EventKind.EMAIL_CONFIRMED, EventKind.RECEIPT_MOVED),
    *(EventKind.HANDED_OVER, EventKind.HANDED_BACK),
}
"""They are no step of a colleague's with a right; who did them is told by entries of their own."""


def test_every_step_is_in_the_trail(desk):
    desk.do(verbs.acknowledge, how=Means.EMAIL)
    desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD)
    desk.do(verbs.set_standing, Standing.AGENT)
    desk.do(verbs.verify_identity, THREE_POINTS)
    desk.do(verbs.extend, desk.right(), because="Three systems")
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TAX_DOCUMENTS)])
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.decide_appeal, desk.right(), stands=False, because="They were right")
    desk.do(verbs.undo)

    assert [entry.action for entry in trail(desk)] == [
        "request.acknowledged",
        "request.residence_set",
        "request.standing_set",
        "request.verified",
        "request.extended",
        "request.denied",
        "request.appealed",
        "request.appeal_reversed",
        "request.undone",
    ]


def test_an_entry_says_what_was_decided_and_no_words(desk):
    reasons = [Reason(Code.SECURITY, "A secret of the house"), Reason(Code.TAX_DOCUMENTS)]

    event = desk.do(verbs.deny, desk.right(), reasons=reasons)

    (entry,) = trail(desk)
    assert (entry.actor_id, entry.subject_id, entry.at) == (
        desk.user.id,
        desk.request.id,
        desk.at,
    )
    assert json.loads(entry.facts) == {
        "appeal_by": None,
        "codes": "security/tax_documents",
        "entry": str(event.id),
        "right": "delete",
        "words": words_digest(str(desk.right().id), {"reasons": desk.right().reasons}),
    }


def test_many_codes_are_counted_where_they_are_too_long(desk):
    codes = [Code.TRANSACTION, Code.TAX_DOCUMENTS, Code.SECURITY]
    more = [Code.LEGAL_OBLIGATION, Code.FRAUD_PREVENTION, Code.INTERNAL_USE]

    desk.do(verbs.deny, desk.right(), reasons=[Reason(code, "Told.") for code in (*codes, *more)])

    assert json.loads(trail(desk)[0].facts)["codes"] == "6-codes"


def test_what_is_refused_leaves_no_entry(desk):
    with pytest.raises(MoveError):
        desk.do(verbs.resume, desk.right())

    assert trail(desk) == []


@pytest.mark.parametrize("kind", sorted(set(EventKind) - NOT_STEPS))
def test_every_kind_of_step_has_a_word_in_the_trail(kind):
    assert {"entry", "right"} <= FACTS[Action(f"request.{kind}")]


def test_a_named_right_is_told_with_its_rule(desk):
    desk.do(verbs.name_right, Right.OPT_OUT)

    facts = json.loads(trail(desk)[0].facts)

    assert facts["right"] == "opt_out"
    assert facts["rule"].startswith("us-ca/opt_out/15-business-days:")


def trail(desk) -> list[AuditEntry]:
    return list(desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))
