"""What colleagues wrote is what the trail bound, or the pack says that it is not."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from desks import TWO_POINTS
from factories import AT
from sqlalchemy import update

from voiceline import desk
from voiceline.desk import changes
from voiceline.evidence.checking import check_pack
from voiceline.models import Appeal, RequestedRight
from voiceline.rules.denials import Code, Reason
from voiceline.rules.rights import Right

LATER = AT + timedelta(days=1)
WHY = [Reason(Code.TRANSACTION, "A warranty runs until 2027.")]

DENIED = (desk.deny, {"reasons": WHY})
REDIRECTED = (desk.redirect, {"controller": "Bolt Bikes, 1 Main Street"})
DEFERRED = (desk.defer, {"because": "An invoice of May is open."})
EXTENDED = (desk.extend, {"because": "Two archives must be searched.", "told_on": LATER.date()})


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (DENIED, "answer"),
        (REDIRECTED, "answer"),
        (DEFERRED, "deferral"),
        (EXTENDED, "extension"),
    ],
)
def test_words_of_a_step_are_bound(office, step, kind):
    write(office, step)

    (said,) = found(office)

    assert (said.kind, said.entry, said.holds) == (kind, 1, True)
    assert f"words of this {kind} are those that entry 1 binds" in report(office)


@pytest.mark.parametrize("words", [{"controller": "Cat Cars"}, {"controller": None}])
def test_words_that_were_changed_behind_our_back_are_told(office, words):
    write(office, REDIRECTED)
    with office.services.sessions.begin() as session:
        session.execute(update(RequestedRight).values(**words))

    (said,) = found(office)

    assert said.holds is False
    assert "words of this answer are NOT those that entry 1 binds" in report(office)


def test_explanation_of_a_reason_is_bound(office):
    write(office, DENIED)
    with office.services.sessions.begin() as session:
        right = session.query(RequestedRight).one()
        right.reasons = [right.reasons[0] | {"explanation": "We did not want to."}]

    (said,) = found(office)

    assert said.holds is False


def test_answer_that_is_void_has_no_words_to_hold(office):
    write(office, DENIED)
    write(office, (desk.reopen, {"because": "The warranty has ended."}))

    void = found(office)
    undo(office)
    (again,) = found(office)

    assert void == []
    assert again.holds is True


def test_words_of_before_are_said_to_be_unbound(office, monkeypatch):
    monkeypatch.setattr(changes, "_digest_of_words", lambda *_: {})
    write(office, DENIED)

    (said,) = found(office)

    assert said.holds is None
    assert "bound by no entry" in report(office)


def test_decision_on_an_appeal_is_bound(office):
    write(office, DENIED)
    write(office, (desk.appeal, {}))
    write(office, (desk.decide_appeal, {"stands": True, "because": "The reason holds."}))

    _, decision = found(office)
    with office.services.sessions.begin() as session:
        session.execute(update(Appeal).values(because="No."))
    _, other = found(office)

    assert (decision.kind, decision.holds) == ("decision on the appeal", True)
    assert other.holds is False


def test_extension_of_a_decision_is_not_taken_for_that_of_the_answer(office):
    with office.services.sessions.begin() as session:
        request = office.find(session)
        request.residence, request.jurisdiction = "US-CO", "US-CO"
    write(office, EXTENDED)
    write(office, DENIED)
    write(office, (desk.appeal, {}))
    write(office, (desk.extend, {"because": "Counsel is ill.", "told_on": LATER.date()}))

    kinds = {said.kind: said.holds for said in found(office)}

    assert kinds == {"answer": True, "extension": True, "extension of the decision": True}


def test_extension_that_counts_for_what_the_law_takes_a_refused_copy_for_is_bound(office):
    with office.services.sessions.begin() as session:
        office.find(session).rights[0].right = Right.KNOW_SPECIFIC
    write(office, EXTENDED)
    write(office, (desk.verify_identity, {"evidence": TWO_POINTS, "passed": False}))
    write(office, (desk.deny, {"reasons": [Reason(Code.UNVERIFIED)]}))

    bound = [(said.right, said.kind, said.holds) for said in found(office)]

    assert sorted(bound) == [
        ("know_categories", "extension", True),
        ("know_specific", "answer", True),
        ("know_specific", "extension", True),
    ]


def test_digest_tells_nothing_to_whom_lacks_the_right(office):
    write(office, REDIRECTED)

    with zipfile.ZipFile(io.BytesIO(office.packed())) as pack:
        entries = pack.read("audit/entries.jsonl").decode()

    right_id = str(office.request.rights[0].id)
    assert '"words":"' in entries
    assert right_id not in entries
    assert "Bolt Bikes" not in entries


def write(office, step):
    verb, facts = step
    with office.services.sessions.begin() as session:
        request = office.find(session)
        clerk = desk.Clerk(office.alice, LATER, request.version)
        about = () if verb is desk.verify_identity else (request.rights[0],)
        verb(session, request, clerk, *about, **facts)


def undo(office):
    office.do(desk.undo)


def found(office):
    return check_pack(io.BytesIO(office.packed())).words


def report(office):
    with zipfile.ZipFile(io.BytesIO(office.packed())) as pack:
        return pack.read("report.html").decode()
