"""An enterprise that connects its own bucket, and the job that copies into it, for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from factories import make_member, make_user
from fakes.aws import Bucket, Role, archive_sessions

from jobs.archive import archive
from voiceline import archive as verbs
from voiceline.archive_proofs import prove
from voiceline.models import ArchiveCopy, ArchiveDestination, Business, Membership, User
from voiceline.rules.archive import Destination, permission_policy, trust_policy
from voiceline.rules.retention import AccountTier

OURS, THEIRS = "111111111111", "222222222222"
TO = Destination(f"arn:aws:iam::{THEIRS}:role/VoicelineArchive", "acme", "us-west-2", "voice/", "")
PROBE = "voice/voiceline-test.txt"


def as_enterprise(desk, aws):
    """Let the desk's business be an enterprise of Alice's that connected its own bucket."""
    object.__setattr__(desk.services, "archives", archive_sessions(aws))
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, desk.code.business_id)
        business.tier = desk.code.business.tier = AccountTier.ENTERPRISE
        make_member(session, business, make_user(session, email="alice@acme.example"))
    connect(desk, aws)
    return desk


def connect(desk, aws, to=TO, business_id=None):
    """Let the business's owner name the bucket, set it up at AWS and test it."""
    business_id = business_id or desk.code.business_id
    at = datetime.now(UTC)
    with desk.services.sessions.begin() as session:
        by = owner(session, business_id)
        row = verbs.name_place(session, business_id, to, by=by, at=at)
        aws.roles[to.role_arn] = Role(trust_policy(OURS, row.external_id), permission_policy(to))
        aws.buckets[to.bucket] = Bucket(to.account, to.region)
    proofs = prove(desk.services.archives, verbs.place_of(row), row.external_id)
    with desk.services.sessions.begin() as session:
        by = owner(session, business_id)
        verbs.note_proofs(session, business_id, row.version, proofs, by=by, at=at)
    aws.seen.clear()
    return row


def owner(session, business_id):
    """Answer the business's owner: there is one."""
    theirs = session.query(Membership).filter_by(business_id=business_id).one()
    return session.get_one(User, theirs.user_id)


def stored(desk, **facts):
    return desk.voicemail(store=desk.services.store, due_at=None, **facts)


def run(desk):
    """Let the job run on every destination, as often as it has something to do."""
    for row in desk.rows(ArchiveDestination):
        archive(str(row.id))


def objects(aws, bucket="acme"):
    return {key: data for key, data in aws.buckets[bucket].objects.items() if key != PROBE}


def copy_of(desk, row):
    (copy,) = [one for one in desk.rows(ArchiveCopy) if one.voicemail_id == row.id]
    return copy


def destination(desk):
    (row,) = desk.rows(ArchiveDestination)
    return row


def key_of(row, ending):
    return f"voice/{row.recorded_at:%Y/%m}/{row.id}.{ending}"
