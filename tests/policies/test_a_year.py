"""A year and more of a trial, a small business and an enterprise: what goes, when, and who knew.

Law.md 5.1, lines 39, 62 and 63, held by the jobs: each morning its round, and after it the
tags, and the expiry. No day is left out, so the clock that they believe is one that went by.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clocks import show
from factories import (
    make_business,
    make_call,
    make_code,
    make_derived,
    make_member,
    make_request,
    make_user,
    make_voicemail,
)
from servers.s3 import s3_server
from sqlalchemy import select

from jobs import expire as expire_job
from jobs import upkeep
from voiceline import holds
from voiceline.adapters.s3_store import S3Store
from voiceline.adapters.sealed_store import SealedStore
from voiceline.audit import OPERATOR
from voiceline.businesses import open_operator
from voiceline.models import (
    AuditEntry,
    Business,
    Delivery,
    DeliveryKind,
    PrivacyRequest,
    User,
    Voicemail,
)
from voiceline.morning import make_round
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import NOTICE, RETENTION_DAYS, AccountTier
from voiceline.voicemails import change_tier

pytestmark = pytest.mark.slow  # a day takes as long as a page

FIRST = datetime(2027, 1, 1, 16, 30, tzinfo=UTC)
"""Half past eight in California: callers spoke at the very moment of the morning's round."""

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TIERS = list(AccountTier)


class Year:
    """Three businesses, one voicemail each, and the days as they go by."""

    def __init__(self, services, monkeypatch) -> None:
        self.services, self._patch, self.at = services, monkeypatch, FIRST
        self.gone: dict[AccountTier, int] = {}
        self.warned: dict[AccountTier, list[int]] = {tier: [] for tier in TIERS}
        with services.sessions.begin() as session:
            open_operator(session, name="Voiceline", at=FIRST).alerts_due_at = FIRST + 9000 * DAY
            self.businesses = {tier: self._open(session, tier) for tier in TIERS}

    def _open(self, session, tier):
        business = make_business(session, tier.value.title(), tier=tier)
        make_member(
            session,
            business,
            make_user(session, f"Alice {tier.value.title()}", email=f"alice@{tier}.example"),
        )
        call = make_call(session, make_code(session, business), started_at=FIRST, ended_at=FIRST)
        voicemail = make_voicemail(session, call, store=self.services.store)
        voicemail.tier_tag = voicemail.store_tags["tier"]
        make_derived(session, voicemail, self.services.store)
        request = make_request(session, call.service_code, call=call)
        request.withdraw(at=FIRST)  # no date of it comes near: these mornings tell of voicemails
        return business.id

    def pass_days(self, count: int) -> None:
        """Let so many days go by, each with its morning."""
        for _ in range(count):
            self.move(DAY)

    def move(self, by: timedelta) -> None:
        """Go on so far, and let the jobs run."""
        self.at += by
        show(self._patch, database=self.at, process=self.at)
        told = self._count_told()
        with self.services.sessions.begin() as session:
            for business_id in self.businesses.values():
                make_round(session, business_id, at=self.at)
        upkeep.retag()
        expire_job.expire()
        self._note(told)

    def voicemail(self, tier: AccountTier) -> Voicemail:
        with self.services.sessions() as session:
            return session.scalars(
                select(Voicemail).where(Voicemail.business_id == self.businesses[tier])
            ).one()

    def change(self, act, tier: AccountTier) -> None:
        """Let somebody do something to the business now."""
        with self.services.sessions.begin() as session:
            act(session, session.get_one(Business, self.businesses[tier]))

    def rows(self, table):
        with self.services.sessions() as session:
            return session.scalars(select(table)).all()

    @property
    def days(self) -> int:
        return (self.at - FIRST).days

    @property
    def objects(self) -> int:
        """How many files of messages the store has."""
        return len(self.services.store.listed("rec/"))

    def _note(self, told) -> None:
        for tier in TIERS:
            if self._count_told()[tier] > told[tier]:
                self.warned[tier].append(self.days)
            if tier not in self.gone and self.voicemail(tier).status == VoicemailStatus.EXPIRED:
                self.gone[tier] = self.days

    def _count_told(self) -> dict[AccountTier, int]:
        warnings = [each for each in self.rows(Delivery) if each.kind == DeliveryKind.EXPIRING]
        return {
            tier: sum(each.business_id == business for each in warnings)
            for tier, business in self.businesses.items()
        }


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    with s3_server(tmp_path_factory.mktemp("ceph") / "s3") as started:
        yield started.client()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def year(request, services, monkeypatch):
    if request.param == "s3":
        client, bucket = request.getfixturevalue("s3"), f"voiceline-{uuid4().hex}"
        client.create_bucket(Bucket=bucket)
        store = SealedStore(S3Store(client, bucket), services.store.keys)
        object.__setattr__(services, "store", store)
    for module in (expire_job, upkeep):
        monkeypatch.setattr(module, "services", lambda: services)
    return Year(services, monkeypatch)


def test_l62_each_goes_by_its_tier_and_not_a_second_early(year):
    year.pass_days(180)
    at_180 = (year.objects, dict(year.gone))
    year.move(SECOND)
    after_180 = (year.objects, set(year.gone))
    year.move(DAY - SECOND)
    year.pass_days(184)
    at_365 = year.objects
    year.move(SECOND)

    assert RETENTION_DAYS == {
        AccountTier.TRIAL: 180,
        AccountTier.SMALL_MEDIUM: 180,
        AccountTier.ENTERPRISE: 365,
    }
    assert at_180 == (6, {})
    assert after_180 == (2, {AccountTier.TRIAL, AccountTier.SMALL_MEDIUM})
    assert (at_365, year.objects) == (2, 0)


def test_l62_everybody_is_warned_thirty_seven_and_one_day_before_and_once_each(year):
    year.pass_days(370)

    assert year.warned == {
        AccountTier.TRIAL: [150, 173, 179],
        AccountTier.SMALL_MEDIUM: [150, 173, 179],
        AccountTier.ENTERPRISE: [335, 358, 364],
    }


def test_l62_what_is_kept_with_an_account_has_no_age(year):
    year.pass_days(182)
    year.at += 5 * 365 * DAY
    for _ in range(2):
        year.move(DAY)

    assert len(year.rows(PrivacyRequest)) == 3
    assert len(year.rows(Business)) == 4
    assert len(year.rows(User)) == 3
    expired = [each for each in year.rows(AuditEntry) if each.action == "voicemail.expired"]
    assert len(expired) == 2  # the enterprise's waits until somebody confirms the clock


def test_l39_a_shorter_plan_takes_effect_at_once_and_deletes_after_a_notice_of_thirty_days(year):
    year.pass_days(300)

    year.change(
        lambda session, it: change_tier(
            session, it, AccountTier.SMALL_MEDIUM, by=OPERATOR, at=year.at
        ),
        AccountTier.ENTERPRISE,
    )
    year.pass_days(30)
    last = year.voicemail(AccountTier.ENTERPRISE).expires_at
    between = (year.objects, year.warned[AccountTier.ENTERPRISE])
    year.move(SECOND)

    assert last == FIRST + 300 * DAY + NOTICE
    assert between == (2, [301, 323, 329])
    assert year.objects == 0


def test_l39_a_longer_plan_keeps_longer_from_the_same_moment_on(year):
    year.pass_days(179)

    year.change(
        lambda session, it: change_tier(
            session, it, AccountTier.ENTERPRISE, by=OPERATOR, at=year.at
        ),
        AccountTier.TRIAL,
    )
    year.pass_days(190)

    assert year.gone == {
        AccountTier.SMALL_MEDIUM: 181,
        AccountTier.TRIAL: 366,
        AccountTier.ENTERPRISE: 366,
    }


def test_l63_a_legal_hold_keeps_it_and_its_end_leaves_thirty_days(year):
    year.pass_days(170)
    held = []
    year.change(
        lambda session, it: held.append(
            holds.place(
                session,
                it.id,
                None,
                reason="Moreno v. Acme",
                by=session.scalars(
                    select(User).where(User.email == "alice@small_medium.example")
                ).one(),
                at=year.at,
            )
        ),
        AccountTier.SMALL_MEDIUM,
    )
    year.pass_days(100)
    kept = year.voicemail(AccountTier.SMALL_MEDIUM)
    tags = year.services.store.tags(kept.object_key)

    year.change(
        lambda session, it: holds.lift(
            session,
            it.id,
            held[0].id,
            by=session.scalars(
                select(User).where(User.email == "alice@small_medium.example")
            ).one(),
            at=year.at,
        ),
        AccountTier.SMALL_MEDIUM,
    )
    year.pass_days(31)

    assert (kept.status, tags) == (VoicemailStatus.STORED, {"tier": "hold"})
    assert year.gone[AccountTier.SMALL_MEDIUM] == 301
