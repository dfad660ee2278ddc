"""The bucket's own expiry: the second safety behind our job, and never ahead of it.

A voicemail may be deleted when it is *strictly more* than 180 (enterprise: 365) days old. S3
deletes at the first midnight UTC after creation + Days, so `Days: 180` would be lawful to the
second at best (an object made at midnight) and would race with our own job, which hides the row,
records the expiry and lets a business extend or hold. One day more (181, 366) keeps S3 always at
least a day behind the promise; an object that S3 gets to is one that our job has missed.

Objects with `tier=hold`, or any other tag, match no rule and stay. Tags are mutually exclusive,
since of two matching rules the shorter wins. The age counts from the object's creation, which is
never before the caller spoke; a retag is obeyed at S3's next run.
Source: Amazon S3 user guide, "Lifecycle configuration elements" and "Expiring objects".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from voiceline.adapters.s3_client import code_of, s3_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_s3 import S3Client

Rule = dict[str, Any]

ATTACHMENT_TAGS = {"kind": "note"}

OURS = "voiceline-"
"""Rules whose ID begins so are ours to change and to remove; all others are left alone."""
PREFIX = "rec/"
ATTACHMENTS = "note/"
"""Attachments of notes: they carry no tier and nothing of the bucket's may delete them."""
TIER = "tier"
DAYS_BY_TIER = {"small_medium": 181, "enterprise": 366}
"""Days of S3's rule by the object's `tier` tag: one more than the days of retention."""
DAYS_AFTER_DELETION = 1
"""In a versioned bucket: how long a version outlives the mark that hides it."""
DAYS_OF_UPLOADS = 1
"""How long the parts of an upload that nobody finished are kept."""


def lifecycle_rules(days_by_tier: Mapping[str, int] = DAYS_BY_TIER) -> list[Rule]:
    """Answer the rules that the bucket should have for our objects.

    Uploads and delete marks have rules of their own: neither goes with a filter by tag.
    """
    return [
        *(_expiry_of(tier, days) for tier, days in sorted(days_by_tier.items())),
        {
            "ID": f"{OURS}abandoned-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": PREFIX},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": DAYS_OF_UPLOADS},
        },
        {
            "ID": f"{OURS}delete-marks",
            "Status": "Enabled",
            "Filter": {"Prefix": PREFIX},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
    ]


def apply(client: S3Client, bucket: str, rules: Sequence[Rule]) -> bool:
    """Make the bucket's rules of ours equal to `rules`; tell whether anything changed."""
    with s3_errors():
        present = _configuration(client, bucket)
        if not _differences(present["Rules"], rules):
            return False
        foreign = [_with_filter(rule) for rule in present["Rules"] if not _is_ours(rule)]
        present["Rules"] = [*foreign, *rules]
        default_size = present.pop("TransitionDefaultMinimumObjectSize", None)
        facts: dict[str, Any] = {"Bucket": bucket, "LifecycleConfiguration": present}
        if default_size:
            facts["TransitionDefaultMinimumObjectSize"] = default_size
        client.put_bucket_lifecycle_configuration(**facts)
    return True


def difference(client: S3Client, bucket: str, rules: Sequence[Rule]) -> list[str]:
    """Answer in sentences what the bucket does other than `rules` say; nothing when it is right."""
    with s3_errors():
        present = _configuration(client, bucket)["Rules"]
    return [
        *_differences(present, rules),
        *_overtaking(present, rules),
        *_deleting_attachments(present),
    ]


def _expiry_of(tier: str, days: int) -> Rule:
    return {
        "ID": f"{OURS}expire-{tier}",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": PREFIX, "Tags": [{"Key": TIER, "Value": tier}]}},
        "Expiration": {"Days": days},
        # By tag, too: a held object that somebody deletes by hand stays recoverable.
        "NoncurrentVersionExpiration": {"NoncurrentDays": DAYS_AFTER_DELETION},
    }


def _configuration(client: S3Client, bucket: str) -> dict[str, Any]:
    try:
        answer: Any = client.get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchLifecycleConfiguration":
            return {"Rules": []}
        raise
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _differences(present: Iterable[Rule], rules: Iterable[Rule]) -> list[str]:
    found = {rule["ID"]: _facts(rule) for rule in present if _is_ours(rule)}
    wanted = {rule["ID"]: _facts(rule) for rule in rules}
    missing = [f"The rule {name} is missing." for name in sorted(wanted.keys() - found.keys())]
    odd = [
        f"The rule {name} is ours, but not wanted." for name in sorted(found.keys() - wanted.keys())
    ]
    changed = [
        f"The rule {name} has {fact} {found[name][fact]}; it should be {wanted[name][fact]}."
        for name in sorted(wanted.keys() & found.keys())
        for fact in wanted[name]
        if found[name][fact] != wanted[name][fact]
    ]
    return [*missing, *odd, *changed]


def _overtaking(present: Iterable[Rule], rules: Iterable[Rule]) -> list[str]:
    """Find other people's rules that delete our objects before ours would."""
    ours = [facts for facts in map(_facts, rules) if facts["days"]]
    return [
        f"The rule {rule.get('ID', '(without a name)')} of this bucket deletes voicemails"
        f" {theirs['days'] or theirs['date']}, before they may be: give it another prefix."
        for rule in present
        if not _is_ours(rule)
        for theirs in [_facts(rule)]
        if theirs["status"] == "Enabled" and any(_overtakes(theirs, our) for our in ours)
    ]


def _overtakes(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    meets = theirs["prefix"].startswith(PREFIX) or PREFIX.startswith(theirs["prefix"])
    reaches = theirs["tags"].items() <= ours["tags"].items()
    sooner = bool(theirs["date"]) or 0 < theirs["days"] < ours["days"]
    return meets and reaches and sooner


def _deleting_attachments(present: Iterable[Rule]) -> list[str]:
    """Find rules that would delete attachments of notes: a tag they carry, or no tag at all."""
    found = [(rule, _facts(rule)) for rule in present]
    return [
        f"The rule {rule.get('ID', '')} deletes attachments of notes, which are to be kept."
        for rule, facts in found
        if facts["status"] == "Enabled"
        and (facts["days"] or facts["date"])
        and (facts["prefix"].startswith(ATTACHMENTS) or ATTACHMENTS.startswith(facts["prefix"]))
        and facts["tags"].items() <= ATTACHMENT_TAGS.items()
    ]


def _facts(rule: Rule) -> dict[str, Any]:
    """Answer what a rule does, however the server chose to write it."""
    chosen = rule.get("Filter") or {"Prefix": rule.get("Prefix", "")}
    both: Rule = chosen.get("And") or chosen
    tags = [*both.get("Tags", []), *([both["Tag"]] if both.get("Tag") else [])]
    expiration = rule.get("Expiration") or {}
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    uploads = rule.get("AbortIncompleteMultipartUpload") or {}
    return {
        "status": rule["Status"],
        "prefix": both.get("Prefix") or "",
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "days": expiration.get("Days") or 0,
        "date": str(expiration.get("Date") or ""),
        "delete marks": bool(expiration.get("ExpiredObjectDeleteMarker")),
        "days of old versions": noncurrent.get("NoncurrentDays") or 0,
        "days of unfinished uploads": uploads.get("DaysAfterInitiation") or 0,
    }


def _with_filter(rule: Rule) -> Rule:
    """Answer the rule in today's form: S3 refuses a mix of `Prefix` and `Filter` rules."""
    if rule.get("Filter") or "Prefix" not in rule:
        return rule
    rest = {name: value for name, value in rule.items() if name != "Prefix"}
    return rest | {"Filter": {"Prefix": rule["Prefix"]}}


def _is_ours(rule: Rule) -> bool:
    return str(rule.get("ID", "")).startswith(OURS)
