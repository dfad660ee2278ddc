"""An enterprise's own bucket: what may be typed for it, and the policies its owner pastes at AWS.

We get nothing but `s3:PutObject` below one prefix (law.md 5.1, line 19), by a role of the
enterprise's that trusts our account under an ExternalId which we made: who knows the role's name
and has an account with us still cannot have us write into somebody else's bucket.
"""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass
from typing import Any

LONGEST_PREFIX = 200
SESSION_SECONDS = 3600
"""How long a session of the role lasts; AWS's bounds are 900 and 43,200."""

ROLE_NAME = "VoicelineArchive"

_ROLE = re.compile(
    r"arn:(aws|aws-us-gov|aws-cn):iam::([0-9]{12}):role/([\w+=,.@/-]{1,512})", re.ASCII
)
_KMS_KEY = re.compile(
    r"arn:(aws|aws-us-gov|aws-cn):kms:([a-z0-9-]+):([0-9]{12}):key/([A-Za-z0-9-]{1,128})", re.ASCII
)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,3}-[0-9]{1,2}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_PREFIX = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.=-]{0,99}/)*", re.ASCII)

_NOT_AT_THE_START = ("xn--", "sthree-", "amzn-s3-demo-")
_NOT_AT_THE_END = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
"""What S3 keeps for itself in the names of buckets."""


@dataclass(frozen=True)
class Ours:
    """What of AWS is the operator's."""

    account: str
    """Twelve digits."""
    bucket: str


@dataclass(frozen=True)
class Typed:
    """A destination as somebody typed it."""

    role_arn: str
    bucket: str
    region: str
    prefix: str = ""
    kms_key: str = ""


@dataclass(frozen=True)
class Destination:
    """A destination whose form is right; whether it is there, connecting it proves."""

    role_arn: str
    bucket: str
    region: str
    prefix: str
    """Empty, or ends with a slash."""
    kms_key: str
    """Empty: S3's own encryption (AES256)."""

    @property
    def account(self) -> str:
        """Whose the role is, and so whose the bucket must be: `ExpectedBucketOwner`."""
        return self.role_arn.split(":")[4]

    @property
    def partition(self) -> str:
        """`aws`, or one of AWS's separate clouds."""
        return self.role_arn.split(":")[1]


def read_destination(typed: Typed, ours: Ours) -> tuple[Destination | None, dict[str, str]]:
    """Answer the destination, or what is wrong with each field, in words (security.md D27)."""
    role_arn, bucket = typed.role_arn.strip(), typed.bucket.strip()
    region, kms_key = typed.region.strip(), typed.kms_key.strip()
    prefix = _with_slash(typed.prefix.strip())
    complaints = {
        "role_arn": _about_role(role_arn, ours),
        "bucket": _about_bucket(bucket, ours),
        "region": _about_region(region, role_arn),
        "prefix": _about_prefix(prefix),
        "kms_key": _about_kms_key(kms_key, region) if kms_key else None,
    }
    wrong = {field: said for field, said in complaints.items() if said is not None}
    return (None if wrong else Destination(role_arn, bucket, region, prefix, kms_key)), wrong


def external_id(secret: bytes) -> str:
    """Answer an ExternalId of 16 random bytes: ours, one a business, never another."""
    return f"voiceline-{secret.hex()}"


def trust_policy(our_account: str, external: str, *, partition: str = "aws") -> dict[str, Any]:
    """Answer who may assume the role: our account, and only with this ExternalId."""
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{our_account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": external}},
        }
    )


def permission_policy(to: Destination) -> dict[str, Any]:
    """Answer all that the role may do; a session of ours is held to the same."""
    put = {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": f"arn:{to.partition}:s3:::{to.bucket}/{to.prefix}*",
    }
    if not to.kms_key:
        return _policy(put)
    return _policy(
        put, {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": to.kms_key}
    )


def cloudformation(to: Destination, our_account: str, external: str) -> str:
    """Answer a template that makes the role; its output is the role's ARN."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": ROLE_NAME,
            "Description": "Lets Voiceline copy voicemails into one prefix, and nothing else.",
            "MaxSessionDuration": SESSION_SECONDS,
            "AssumeRolePolicyDocument": trust_policy(our_account, external, partition=to.partition),
            "Policies": [{"PolicyName": "PutVoicemails", "PolicyDocument": permission_policy(to)}],
        },
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A role by which Voiceline copies voicemails into a bucket of yours.",
        "Resources": {"Role": role},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }
    return as_text(template)


def as_text(document: dict[str, Any]) -> str:
    """Write a document as AWS's console shows it."""
    return json.dumps(document, indent=2) + "\n"


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _about_role(arn: str, ours: Ours) -> str | None:
    found = _ROLE.fullmatch(arn)
    if found is None:
        return "Paste the role's ARN, such as arn:aws:iam::123456789012:role/VoicelineArchive."
    if found[2] == ours.account:
        return "This role is in our own account: make one in yours."
    return None


def _about_bucket(bucket: str, ours: Ours) -> str | None:
    if bucket == ours.bucket:
        return "This is our own bucket: name one of yours."
    if "/" in bucket or ":" in bucket:
        return "Give the bucket's name alone, without s3://, an address or an ARN."
    if not _BUCKET.fullmatch(bucket) or ".." in bucket or ".-" in bucket or "-." in bucket:
        return "A bucket's name has 3 to 63 small letters, digits, dots and hyphens."
    if _is_address(bucket):
        return "This is an IP address: give the bucket's name."
    if bucket.startswith(_NOT_AT_THE_START) or bucket.endswith(_NOT_AT_THE_END):
        return "S3 keeps such names for itself: it cannot be a bucket of yours."
    return None


def _about_region(region: str, role_arn: str) -> str | None:
    if not _REGION.fullmatch(region):
        return "Give the bucket's region as AWS writes it, such as us-east-1."
    clouds = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    cloud = next((name for start, name in clouds.items() if region.startswith(start)), "aws")
    found = _ROLE.fullmatch(role_arn)
    if found is not None and found[1] != cloud:
        return f"The role is in {found[1]} and the region in {cloud}: no role reaches over."
    return None


def _about_prefix(prefix: str) -> str | None:
    if len(prefix) > LONGEST_PREFIX:
        return f"A prefix has at most {LONGEST_PREFIX} characters."
    if not _PREFIX.fullmatch(prefix):
        return "A prefix is letters, digits, _ . = and - between slashes, such as voicemails/."
    return None


def _about_kms_key(arn: str, region: str) -> str | None:
    found = _KMS_KEY.fullmatch(arn)
    if found is None:
        return "Paste the key's ARN with key/, not an alias and not the id alone."
    if found[2] != region:
        return f"The key is in {found[2]} and the bucket in {region}: S3 needs both in one region."
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _with_slash(prefix: str) -> str:
    return f"{prefix}/" if prefix and not prefix.endswith("/") else prefix
