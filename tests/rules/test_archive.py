"""What may be typed for an enterprise's own bucket, and the policies its owner pastes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from voiceline.rules.archive import (
    Destination,
    Ours,
    Typed,
    as_text,
    cloudformation,
    external_id,
    permission_policy,
    read_destination,
    trust_policy,
)

OURS = Ours(account="111111111111", bucket="voiceline-voicemails")
RIGHT = Typed(
    role_arn="arn:aws:iam::222222222222:role/VoicelineArchive",
    bucket="acme-privacy",
    region="us-west-2",
    prefix="voicemails",
)
KEY = "arn:aws:kms:us-west-2:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab"
EXTERNAL = external_id(bytes(16))


def test_what_is_typed_right_is_read():
    found, wrong = read_destination(RIGHT, OURS)

    assert wrong == {}
    assert found == Destination(RIGHT.role_arn, "acme-privacy", "us-west-2", "voicemails/", "")
    assert (found.account, found.partition) == ("222222222222", "aws")


@pytest.mark.parametrize(
    "change",
    [
        {"prefix": ""},
        {"prefix": "a/b=2/c.d"},
        {"bucket": "acme.privacy.2"},
        {"bucket": "abc"},
        {"bucket": "a" * 63},
        {"kms_key": KEY},
        {"role_arn": f"  {RIGHT.role_arn} "},
        {"role_arn": "arn:aws:iam::222222222222:role/teams/privacy/Archive"},
        {"role_arn": RIGHT.role_arn.replace(":aws:", ":aws-us-gov:"), "region": "us-gov-west-1"},
        {"role_arn": RIGHT.role_arn.replace(":aws:", ":aws-cn:"), "region": "cn-north-1"},
    ],
)
def test_what_aws_allows_is_allowed(change):
    assert read_destination(replace(RIGHT, **change), OURS)[1] == {}


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("bucket", "..", "3 to 63"),
        ("bucket", "acme..privacy", "3 to 63"),
        ("bucket", "Acme-Privacy", "small letters"),
        ("bucket", "192.168.0.1", "IP address"),
        ("bucket", "127.0.0.1", "IP address"),
        ("bucket", "http://127.0.0.1", "name alone"),
        ("bucket", "s3://acme-privacy", "name alone"),
        ("bucket", "arn:aws:s3:::acme-privacy", "name alone"),
        ("bucket", "acme-privacy/voicemails", "name alone"),
        ("bucket", "", "3 to 63"),
        ("bucket", "ab", "3 to 63"),
        ("bucket", "a" * 64, "3 to 63"),
        ("bucket", "acme-privacy\n.evil", "3 to 63"),
        ("bucket", "acmé-privacy", "3 to 63"),
        ("bucket", "xn--acme", "keeps such names"),
        ("bucket", "acme-s3alias", "keeps such names"),
        ("bucket", "voiceline-voicemails", "our own bucket"),
        ("role_arn", "", "Paste the role's ARN"),
        ("role_arn", "VoicelineArchive", "Paste the role's ARN"),
        ("role_arn", "arn:aws:iam::222222222222:user/alice", "Paste the role's ARN"),
        ("role_arn", "arn:aws:iam::222222222222:root", "Paste the role's ARN"),
        ("role_arn", "arn:aws:iam::22222222222:role/Short", "Paste the role's ARN"),
        ("role_arn", "arn:aws:iam::" + "\uff12" * 12 + ":role/Wide", "Paste the role's ARN"),
        ("role_arn", "arn:aws:iam::111111111111:role/Archive", "our own account"),
        ("region", "", "such as us-east-1"),
        ("region", "US-EAST-1", "such as us-east-1"),
        ("region", "us-east-1.evil.example", "such as us-east-1"),
        ("region", "cn-north-1", "no role reaches over"),
        ("prefix", "/voicemails", "between slashes"),
        ("prefix", "a//b", "between slashes"),
        ("prefix", "../b", "between slashes"),
        ("prefix", "a/../b", "between slashes"),
        ("prefix", "*", "between slashes"),
        ("prefix", "${aws:username}", "between slashes"),
        ("prefix", "a" * 90 + "/" + "b" * 90 + "/" + "c" * 90, "at most 200"),
        ("kms_key", "alias/archive", "not an alias"),
        ("kms_key", "1234abcd-12ab-34cd-56ef-1234567890ab", "not an alias"),
        ("kms_key", KEY.replace("us-west-2", "eu-west-1"), "both in one region"),
    ],
)
def test_d27_what_cannot_be_a_bucket_of_theirs_is_refused_with_its_reason(field, typed, why):
    found, wrong = read_destination(replace(RIGHT, **{field: typed}), OURS)

    assert found is None
    assert set(wrong) == {field}
    assert why in wrong[field]


def test_every_field_that_is_wrong_is_told_at_once():
    _, wrong = read_destination(Typed("role", "B", "here", "//", "key"), OURS)

    assert set(wrong) == {"role_arn", "bucket", "region", "prefix", "kms_key"}


def test_l19_the_role_may_put_below_the_prefix_and_nothing_else():
    to, _ = read_destination(RIGHT, OURS)

    assert permission_policy(to)["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::acme-privacy/voicemails/*",
        }
    ]


def test_a_key_of_theirs_is_used_for_new_objects_alone():
    to, _ = read_destination(replace(RIGHT, kms_key=KEY), OURS)

    actions = [each["Action"] for each in permission_policy(to)["Statement"]]
    assert actions == ["s3:PutObject", "kms:GenerateDataKey"]


def test_the_role_trusts_our_account_under_the_external_id_alone():
    (statement,) = trust_policy(OURS.account, EXTERNAL)["Statement"]

    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": EXTERNAL}}


def test_an_external_id_has_the_form_aws_asks_for():
    made = {external_id(bytes([number]) * 16) for number in range(4)}

    assert len(made) == 4
    assert all(2 <= len(each) <= 1224 and each.replace("-", "").isalnum() for each in made)


def test_the_template_makes_a_role_of_both_policies():
    to, _ = read_destination(RIGHT, OURS)

    template = json.loads(cloudformation(to, OURS.account, EXTERNAL))

    properties = template["Resources"]["Role"]["Properties"]
    assert properties["AssumeRolePolicyDocument"] == trust_policy(OURS.account, EXTERNAL)
    assert properties["Policies"][0]["PolicyDocument"] == permission_policy(to)
    assert template["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["Role", "Arn"]}


def test_documents_of_another_cloud_name_it():
    gov = replace(
        RIGHT, role_arn=RIGHT.role_arn.replace(":aws:", ":aws-us-gov:"), region="us-gov-west-1"
    )
    to, _ = read_destination(gov, OURS)

    text = cloudformation(to, OURS.account, EXTERNAL) + as_text(permission_policy(to))

    assert "arn:aws:" not in text
    assert "arn:aws-us-gov:s3:::acme-privacy/voicemails/*" in text
