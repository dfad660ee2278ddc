"""The log of 11 CCR 7101: what is in it, that it follows, outlives, and is forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from desks import TWO_POINTS, Desk
from factories import AT, make_business, make_call, make_code, make_user
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letters_written import tell
from sqlalchemy import delete, select

from voiceline import desk as verbs
from voiceline import filing, records
from voiceline.desk import Means
from voiceline.errors import UserError
from voiceline.metrics import figures_of
from voiceline.models import (
    Appeal,
    PrivacyRequest,
    RequestedRight,
    RequestEvent,
    RequestRecord,
    RequestTally,
    ResidenceSource,
)
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import OUTCOMES, LetterKind
from voiceline.rules.lifecycle import AppealStatus, RightStatus
from voiceline.rules.metrics import Outcome
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

FIELDS = [column.name for column in RequestRecord.__table__.c]
PRIVATE = "Dana Diaz of 5 Elm Street"
STEPS = {
    "acknowledge": lambda desk: desk.do(verbs.acknowledge, how=Means.EMAIL),
    "verify": lambda desk: desk.do(verbs.verify_identity, TWO_POINTS),
    "extend": lambda desk: desk.do(verbs.extend, desk.right(), because=PRIVATE),
    "complete": lambda desk: desk.do(verbs.complete, desk.right(), done=PRIVATE),
    "partly": lambda desk: desk.do(
        verbs.complete_in_part,
        desk.right(),
        done=PRIVATE,
        not_done=PRIVATE,
        reasons=[Reason(Code.TAX_DOCUMENTS, PRIVATE)],
    ),
    "deny": lambda desk: (
        desk.do(verbs.verify_identity, TWO_POINTS, passed=False),
        desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.UNVERIFIED)]),
    ),
    "household": lambda desk: (
        desk.do(verbs.set_standing, Standing.HOUSEHOLD),
        desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.HOUSEHOLD, PRIVATE)]),
    ),
    "redirect": lambda desk: desk.do(verbs.redirect, desk.right(), controller=PRIVATE),
    "defer": lambda desk: desk.do(verbs.defer, desk.right(), because=PRIVATE),
    "resume": lambda desk: desk.do(verbs.resume, desk.right()),
    "withdraw": lambda desk: desk.do(verbs.withdraw),
    "reopen": lambda desk: desk.do(verbs.reopen, desk.right(), because=PRIVATE),
    "appeal": lambda desk: desk.do(verbs.appeal, desk.right()),
    "uphold": lambda desk: desk.do(verbs.decide_appeal, desk.right(), stands=True, because=PRIVATE),
    "reverse": lambda desk: desk.do(
        verbs.decide_appeal, desk.right(), stands=False, because=PRIVATE
    ),
    "drop": lambda desk: desk.do(verbs.withdraw_appeal, desk.right()),
    "name": lambda desk: desk.do(verbs.name_right, Right.RESTRICT),
    "correct": lambda desk: desk.do(verbs.name_right, Right.CORRECT, instead_of=_last(desk)),
    "strike": lambda desk: desk.do(verbs.strike_right, _last(desk), because=PRIVATE),
    "residence": lambda desk: desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD),
    "tell": lambda desk: tell(desk, _answer(desk)),
    "undo": lambda desk: desk.do(verbs.undo),
    "wait": lambda desk: desk.wait(timedelta(days=3)),
    "another": lambda desk: desk.asks(Right.OPT_OUT),
    "unnamed": lambda desk: desk.asks(None),
}


def _answer(desk):
    """Answer the letter that tells what has become of the right; any, where there is none."""
    kinds = {status: kind for kind, status in OUTCOMES.items()}
    return kinds.get(desk.right().status, LetterKind.ACKNOWLEDGEMENT)


def _last(desk):
    """Answer the right that was named last: only such a one is struck out."""
    return desk.request.rights[-1]


def test_a_filed_call_is_in_the_log_at_once(session, code):
    call = make_call(session, code, right=Right.DELETE)

    for _ in range(2):
        filing.file_request(session, call, received_at=AT, at=AT)

    (record,) = session.scalars(select(RequestRecord)).all()
    assert record.reference == call.reference
    assert (record.channel, record.outcome, record.keep_until) == ("phone", "open", None)
    assert record.received_on == date(2026, 11, 21)
    assert _rollup(session) == Counter({("delete", "open", "", 0): 1})


def test_the_receipt_a_caller_hears_later_is_in_the_log(session, code):
    call = make_call(session, code)
    filing.file_request(session, call, received_at=AT, at=AT)

    filing.hear_receipt(session, call, prompts_version="7", at=AT)

    record = session.scalars(select(RequestRecord)).one()
    assert (record.acknowledged_on, record.acknowledged_how) == (date(2026, 11, 21), "oral/7")


def test_a_message_learnt_of_late_moves_the_day_in_the_log(session, code):
    call = make_call(session, code)
    filing.file_request(session, call, received_at=AT, at=AT)

    filing.file_request(session, call, received_at=AT - timedelta(days=330), at=AT)

    assert session.scalars(select(RequestRecord)).one().received_on == date(2025, 12, 26)
    assert figures_of(session, code.business_id, 2026).total.received == 0
    assert figures_of(session, code.business_id, 2025).total.received == 1


def test_a_message_learnt_of_late_moves_all_that_nobody_was_told_yet(session, code, alice):
    call = make_call(session, code, right=Right.DELETE)
    filing.file_request(session, call, received_at=AT, at=AT)
    desk = Desk(session, code, alice)
    desk.request = filing.request_of(session, call)
    desk.do(verbs.extend, desk.right(), because=PRIVATE)

    filing.file_request(session, call, received_at=AT - timedelta(days=3), at=AT)
    pending = desk.right().due_by, desk.right().extended_by
    STEPS["redirect"](desk)
    filing.file_request(session, call, received_at=AT - timedelta(days=5), at=AT)

    assert pending == (date(2027, 1, 2), date(2027, 2, 16))
    assert desk.right().tell_by == desk.request.watch_by == date(2026, 12, 31)


def test_an_answer_is_in_the_log_with_its_basis_and_nobodys_words(session, desk):
    STEPS["household"](desk)
    desk.wait(timedelta(days=2))
    STEPS["tell"](desk)

    record = session.scalars(select(RequestRecord)).one()
    assert (record.outcome, record.answered_on) == (Outcome.DENIED, date(2026, 11, 23))
    assert [set(reason) for reason in record.basis] == [{"code", "citation", "counted_as"}]
    assert record.keep_until == date(2028, 11, 23)
    written = [str(getattr(record, name)) for name in FIELDS]
    assert not [text for text in written if PRIVATE in text]


def test_an_answer_nobody_was_told_is_counted_as_open(session, desk):
    STEPS["deny"](desk)

    record = session.scalars(select(RequestRecord)).one()
    assert (record.outcome, record.answered_on) == (Outcome.DENIED, None)
    assert _rollup(session) == Counter({("delete", "open", "", 0): 1})


def test_the_log_is_kept_two_years_from_the_last_step(session, desk):
    STEPS["withdraw"](desk)
    desk.wait(timedelta(days=30))

    STEPS["reopen"](desk)
    reopened = session.scalars(select(RequestRecord)).one().keep_until
    STEPS["withdraw"](desk)

    assert reopened is None
    assert session.scalars(select(RequestRecord)).one().keep_until == date(2028, 12, 21)


def test_under_appeal_the_log_holds_the_answer_appealed_against(session, desk):
    STEPS["redirect"](desk)

    STEPS["appeal"](desk)

    record = session.scalars(select(RequestRecord)).one()
    assert (record.status, record.outcome) == (RightStatus.APPEALED, Outcome.REDIRECTED)


def test_the_log_outlives_all_that_it_is_about(session, desk):
    STEPS["household"](desk)
    desk.request.last_change_id = None
    session.flush()

    for table in (RequestEvent, RequestedRight, PrivacyRequest):
        session.execute(delete(table))

    assert session.scalars(select(RequestRecord)).one().outcome == Outcome.DENIED


def test_following_again_changes_nothing(session, desk):
    STEPS["deny"](desk)
    before = (_log(session), _rollup(session))

    records.follow(session, desk.request, at=desk.at)

    assert (_log(session), _rollup(session)) == before


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=14))
def test_rollup_is_what_a_walk_over_all_requests_counts(session, code, alice, steps):
    with session.begin_nested() as kept:
        desk = Desk(session, code, alice)
        for step in ("acknowledge", *steps):
            try:
                STEPS[step](desk)
            except UserError:
                continue

        counted = _naive(session)

        assert _rollup(session) == counted
        found = figures_of(session, code.business_id, 2026)
        assert found.total.received == counted.total()
        kept.rollback()
    session.expire_all()


def test_records_are_forgotten_with_their_counts_and_not_before(session, desk):
    STEPS["deny"](desk)
    STEPS["another"](desk)
    STEPS["acknowledge"](desk)

    early = records.forget_records(session, today=date(2028, 11, 21))
    late = records.forget_records(session, today=date(2028, 11, 22))

    assert (early, late) == (0, 1)
    assert [record.right for record in session.scalars(select(RequestRecord))] == [Right.OPT_OUT]
    assert sorted(_rollup(session)) == [("opt_out", "open", "", 0)]


def test_a_forgotten_record_is_written_again_when_somebody_reopens(session, desk):
    STEPS["deny"](desk)
    records.forget_records(session, today=date(2029, 1, 1))

    STEPS["reopen"](desk)

    assert session.scalars(select(RequestRecord)).one().outcome == Outcome.OPEN
    assert _rollup(session) == Counter({("delete", "open", "", 0): 1})


def test_pages_of_the_log_hold_each_record_once(session, code, alice):
    desk = Desk(session, code, alice)
    for _ in range(6):
        STEPS["acknowledge"](desk)
        STEPS["another"](desk)

    seen, after = [], None
    while page := records.oldest_records(session, code.business_id, after=after, limit=4):
        seen += [record.right_id for record in page]
        after = records.place_of(page[-1])

    newest = records.newest_records(session, code.business_id, after=None, limit=100)
    assert len(seen) == 6
    assert seen == [record.right_id for record in reversed(newest)]


def _log(session):
    session.expire_all()
    return {
        record.right_id: tuple(str(getattr(record, name)) for name in FIELDS)
        for record in session.scalars(select(RequestRecord))
    }


def _rollup(session) -> Counter[tuple[str, str, str, int]]:
    rows = session.scalars(select(RequestTally).execution_options(populate_existing=True)).all()
    assert all(row.count >= 0 for row in rows)
    return (
        Counter(
            {(row.right, row.outcome.value, row.counted_as, row.days): row.count for row in rows}
        )
        + Counter()
    )


def _naive(session) -> Counter[tuple[str, str, str, int]]:
    """Count right by right, as somebody would who never heard of a rollup."""
    words = {
        RightStatus.COMPLETED: "complied",
        RightStatus.PARTLY: "partly",
        RightStatus.DENIED: "denied",
        RightStatus.REDIRECTED: "redirected",
        RightStatus.WITHDRAWN: "withdrawn",
    }
    found: Counter[tuple[str, str, str, int]] = Counter()
    logged = set(session.scalars(select(RequestRecord.right_id)))
    for right in session.scalars(select(RequestedRight)):
        if right.id not in logged or right.status == RightStatus.STRUCK:
            continue
        status = right.status
        if status == RightStatus.APPEALED:
            status = session.scalars(
                select(Appeal.against).where(
                    Appeal.right_id == right.id, Appeal.status == AppealStatus.OPEN
                )
            ).one()
        word = words.get(status, "open")
        word = "open" if right.tell_by and not right.told_on else word
        days = 0
        if word in {"complied", "partly", "denied"}:
            days = ((right.told_on or right.finished_at.date()) - AT.date()).days
        head = right.reasons[0]["counted_as"] if word == "denied" else ""
        found[right.right or "not_named", word, head, days] += 1
    return found


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


@pytest.fixture
def desk(session, code, alice):
    return Desk(session, code, alice)
