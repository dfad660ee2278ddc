"""The bucket's rules, as text and as a real server obeys them."""

from __future__ import annotations

import time

import pytest

from voiceline.adapters import s3_lifecycle
from voiceline.adapters.s3_lifecycle import DAYS_BY_TIER, difference, lifecycle_rules
from voiceline.adapters.s3_store import S3Store
from voiceline.attachments import KEYS
from voiceline.rules.retention import NOTE_TAGS, RETENTION_DAYS, STORE_TAGS

FOREIGN = {
    "ID": "logs",
    "Status": "Enabled",
    "Filter": {"Prefix": "logs/"},
    "Expiration": {"Days": 30},
}


@pytest.mark.parametrize("tier", STORE_TAGS)
def test_the_bucket_stays_a_day_behind_the_promise(tier):
    days = DAYS_BY_TIER[STORE_TAGS[tier]]

    assert days == RETENTION_DAYS[tier] + 1


def test_every_rule_keeps_to_our_prefix():
    rules = lifecycle_rules()

    filters = [rule["Filter"].get("And", rule["Filter"]) for rule in rules]
    assert {chosen["Prefix"] for chosen in filters} == {"rec/"}


def test_no_rule_reaches_what_is_on_hold():
    rules = lifecycle_rules()

    expiring = [rule for rule in rules if rule.get("Expiration", {}).get("Days")]
    tags = [rule["Filter"]["And"]["Tags"] for rule in expiring]
    assert tags == [
        [{"Key": "tier", "Value": "enterprise"}],
        [{"Key": "tier", "Value": "small_medium"}],
    ]


def test_no_rule_of_ours_reaches_an_attachment():
    rules = lifecycle_rules()

    assert s3_lifecycle.ATTACHMENTS == KEYS
    assert s3_lifecycle.ATTACHMENT_TAGS == NOTE_TAGS
    assert not set(NOTE_TAGS) & {s3_lifecycle.TIER}
    assert s3_lifecycle._deleting_attachments(rules) == []


@pytest.mark.parametrize(
    ("rule", "reaches"),
    [
        ({"Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}, True),
        ({"Filter": {"Prefix": "note/"}, "Expiration": {"Date": "2027-01-01"}}, True),
        ({"Prefix": "no", "Expiration": {"Days": 9}}, True),
        ({"Filter": {"Tag": {"Key": "kind", "Value": "note"}}, "Expiration": {"Days": 9}}, True),
        ({"Filter": {"Tag": {"Key": "tier", "Value": "x"}}, "Expiration": {"Days": 9}}, False),
        ({"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}, False),
        ({"Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, False),
    ],
)
def test_rules_that_delete_attachments_are_told(rule, reaches):
    told = s3_lifecycle._deleting_attachments([{"ID": "theirs", "Status": "Enabled"} | rule])

    assert bool(told) == reaches


@pytest.mark.s3
class TestRulesOfARealBucket:
    def test_an_empty_bucket_lacks_every_rule(self, client, bucket):
        found = difference(client, bucket, lifecycle_rules())

        assert len(found) == 4
        assert "The rule voiceline-expire-enterprise is missing." in found

    def test_applied_rules_leave_no_difference(self, client, bucket):
        changed = s3_lifecycle.apply(client, bucket, lifecycle_rules())

        assert changed
        assert difference(client, bucket, lifecycle_rules()) == []
        assert not s3_lifecycle.apply(client, bucket, lifecycle_rules())

    def test_other_peoples_rules_are_kept(self, client, bucket):
        _write(client, bucket, [FOREIGN])

        s3_lifecycle.apply(client, bucket, lifecycle_rules())

        rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        (kept,) = [rule for rule in rules if rule["ID"] == "logs"]
        assert kept["Expiration"]["Days"] == 30
        assert kept["Filter"]["Prefix"] == "logs/"
        assert len(rules) == 5

    def test_a_rule_of_ours_that_is_gone_is_removed(self, client, bucket):
        s3_lifecycle.apply(client, bucket, lifecycle_rules({"trial": 30}))
        found = difference(client, bucket, lifecycle_rules())

        s3_lifecycle.apply(client, bucket, lifecycle_rules())

        assert "The rule voiceline-expire-trial is ours, but not wanted." in found
        assert difference(client, bucket, lifecycle_rules()) == []

    def test_a_changed_rule_is_described(self, client, bucket):
        rules = lifecycle_rules({"small_medium": 18, "enterprise": 366})
        rules[0]["Status"] = "Disabled"
        s3_lifecycle.apply(client, bucket, rules)

        found = difference(client, bucket, lifecycle_rules())

        assert found == [
            "The rule voiceline-expire-enterprise has status Disabled; it should be Enabled.",
            "The rule voiceline-expire-small_medium has days 18; it should be 181.",
        ]

    @pytest.mark.parametrize("prefix", ["", "rec/", "rec/3f1c/"])
    def test_a_rule_that_overtakes_ours_is_reported(self, client, bucket, prefix):
        _write(client, bucket, [FOREIGN | {"Filter": {"Prefix": prefix}}])
        s3_lifecycle.apply(client, bucket, lifecycle_rules())

        found, *more = difference(client, bucket, lifecycle_rules())

        assert found.startswith("The rule logs of this bucket deletes voicemails")
        everything = "The rule logs deletes attachments of notes, which are to be kept."
        assert more == ([] if prefix else [everything])

    def test_a_rule_of_the_old_form_is_kept(self, client, bucket):
        old = {name: value for name, value in FOREIGN.items() if name != "Filter"}
        _write(client, bucket, [old | {"Prefix": "logs/"}])

        s3_lifecycle.apply(client, bucket, lifecycle_rules())

        assert difference(client, bucket, lifecycle_rules()) == []


@pytest.mark.s3
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_real_bucket_obeys_the_tags(client, bucket, s3_day):
    """Days are shortened; so far apart that a busy server cannot see both tiers due at once."""
    s3_lifecycle.apply(client, bucket, lifecycle_rules({"small_medium": 2, "enterprise": 18}))
    store = S3Store(client, bucket)
    for name, tier in {
        "small": "small_medium",
        "extended": "small_medium",
        "shortened": "enterprise",
        "enterprise": "enterprise",
        "held": "small_medium",
        "hold": "hold",
    }.items():
        _put(store, f"rec/{name}.wav", tier)
    _put(store, "elsewhere/small.wav", "small_medium")

    store.retag("rec/extended.wav", {"tier": "enterprise"})
    store.retag("rec/shortened.wav", {"tier": "small_medium"})
    store.retag("rec/held.wav", {"tier": "hold"})

    gone = _expired_in_order(client, bucket, 4, give_up=s3_day * 50)

    assert set(gone[:2]) == {"rec/small.wav", "rec/shortened.wav"}
    assert set(gone[2:]) == {"rec/extended.wav", "rec/enterprise.wav"}
    assert _keys(client, bucket) == {"elsewhere/small.wav", "rec/held.wav", "rec/hold.wav"}


@pytest.mark.s3
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_versioned_bucket_keeps_no_version(client, bucket, s3_day):
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store = S3Store(client, bucket)
    _put(store, "rec/small.wav", "small_medium")
    _put(store, "rec/hold.wav", "hold")

    s3_lifecycle.apply(client, bucket, lifecycle_rules({"small_medium": 1, "enterprise": 9}))

    limit = time.monotonic() + s3_day * 50
    while _everything(client, bucket) != {"rec/hold.wav"}:
        assert time.monotonic() < limit, _everything(client, bucket)
        time.sleep(0.5)


def _put(store, key, tier):
    store.put(key, b"audio", content_type="audio/x-wav", tags={"tier": tier})


def _write(client, bucket, rules):
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules}
    )


def _keys(client, bucket):
    return {entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", [])}


def _everything(client, bucket):
    page = client.list_object_versions(Bucket=bucket)
    entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return {entry["Key"] for entry in entries}


def _expired_in_order(client, bucket, count, give_up):
    left, gone, limit = _keys(client, bucket), [], time.monotonic() + give_up
    while len(gone) < count:
        assert time.monotonic() < limit, left
        now = _keys(client, bucket)
        gone += sorted(left - now)
        left = now
        time.sleep(0.5)
    return gone
