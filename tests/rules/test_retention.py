"""How long a voicemail is kept: its last day is a full one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from voiceline.rules.retention import (
    HELD_TAG,
    NOTICE,
    RETENTION_DAYS,
    STORE_TAGS,
    AccountTier,
    expires_at,
    expires_at_after,
    has_expired,
    store_tags,
)

SPOKEN = datetime(2026, 11, 20, 20, 0, 7, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
EVERY_TIER = pytest.mark.parametrize("tier", list(AccountTier))


@pytest.mark.parametrize(
    ("tier", "days"),
    [(AccountTier.TRIAL, 180), (AccountTier.SMALL_MEDIUM, 180), (AccountTier.ENTERPRISE, 365)],
)
def test_the_promised_period_is_kept(tier, days):
    assert expires_at(SPOKEN, tier) - SPOKEN == timedelta(days=days)


@EVERY_TIER
def test_exactly_the_period_is_not_expired(tier):
    last = expires_at(SPOKEN, tier)

    assert not has_expired(last - MOMENT, last - MOMENT)
    assert not has_expired(last, last)
    assert has_expired(last, last + MOMENT)


@EVERY_TIER
def test_a_day_is_a_day_whatever_the_clocks_do(tier):
    spoken = datetime(2026, 10, 30, 12, tzinfo=ZoneInfo("America/Los_Angeles"))

    kept = expires_at(spoken.astimezone(UTC), tier) - spoken.astimezone(UTC)

    assert kept == timedelta(days=RETENTION_DAYS[tier])


def test_a_leap_day_does_not_shorten_a_year():
    spoken = datetime(2027, 3, 1, tzinfo=UTC)

    assert expires_at(spoken, AccountTier.ENTERPRISE) == datetime(2028, 2, 29, tzinfo=UTC)


def test_a_shorter_tier_leaves_thirty_days():
    was, small = expires_at(SPOKEN, AccountTier.ENTERPRISE), AccountTier.SMALL_MEDIUM
    at = SPOKEN + timedelta(days=300)

    assert expires_at_after(SPOKEN, small, was=was, at=at) == at + NOTICE


def test_no_tier_keeps_for_longer_than_it_and_the_one_before_promised():
    was, small = expires_at(SPOKEN, AccountTier.ENTERPRISE), AccountTier.SMALL_MEDIUM
    at = was - timedelta(days=3)

    assert expires_at_after(SPOKEN, small, was=was, at=at) == was


def test_what_has_expired_is_not_kept_anew():
    was, enterprise = expires_at(SPOKEN, AccountTier.SMALL_MEDIUM), AccountTier.ENTERPRISE

    later = [expires_at_after(SPOKEN, enterprise, was=was, at=at) for at in (was, was + MOMENT)]

    assert later == [expires_at(SPOKEN, enterprise), was]


@EVERY_TIER
def test_what_is_held_has_a_tag_of_no_tier(tier):
    assert store_tags(tier, held=True) == {"tier": HELD_TAG}
    assert HELD_TAG not in STORE_TAGS.values()


@EVERY_TIER
def test_every_tier_has_a_tag_the_store_knows(tier):
    assert store_tags(tier) == {"tier": STORE_TAGS[tier]}
    assert STORE_TAGS[tier] in {"small_medium", "enterprise"}


def test_tiers_of_one_period_share_a_tag():
    periods = {(STORE_TAGS[tier], RETENTION_DAYS[tier]) for tier in AccountTier}

    assert periods == {("small_medium", 180), ("enterprise", 365)}
