"""The log of 11 CCR 7101, and figures of 7102, for what is there already, too."""

import calendar
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

CHANNELS = ("phone", "web", "mail", "email", "in_person")
RIGHTS = (
    *("opt_out", "limit", "know_categories", "know_specific", "delete", "correct"),
    *("portability", "opt_out_ads", "opt_out_profiling", "opt_in", "admt_access", "admt_opt_out"),
    *("admt_appeal", "third_parties", "question_profiling", "withdraw_consent", "restrict"),
    *("object", "switch_purpose", "appeal", "status", "other"),
)
SOURCES = ("keyed", "chosen", "confirmed")
RESIDENCE_SOURCES = ("told", "asked", "records")
STANDINGS = (
    *("self", "agent", "attorney", "parent", "minor", "household", "estate", "employee"),
    "business_contact",
)
STATUSES = (
    *("open", "deferred", "completed", "partly", "denied", "redirected", "appealed"),
    *("withdrawn", "struck"),
)
OUTCOMES = {
    "completed": "complied",
    "partly": "partly",
    "denied": "denied",
    "redirected": "redirected",
    "withdrawn": "withdrawn",
}
OUTCOME_WORDS = ("open", *OUTCOMES.values())
KEPT_MONTHS = 24
BATCH = 2000

HISTORY = """
select r.id as right_id, r.request_id, r.business_id, coalesce(c.brand, b.name) as asked_of,
    c.code as service_code, p.reference, p.received_at, p.received_on, b.time_zone, p.channel,
    p.language, r."right", r.source, p.jurisdiction, p.residence_source, p.standing,
    p.acknowledged_at, p.acknowledged_how, r.due_by, r.rule, r.extended_told_on, r.status,
    r.finished_at, r.reasons, r.controller, r.not_done, p.finished_at as request_finished_at,
    (select max(e.at) from request_event e where e.request_id = p.id
     and e.kind not in ('listened_to', 'downloaded')) as last_at
from requested_right r
join privacy_request p on p.id = r.request_id
join service_code c on c.id = p.service_code_id
join business b on b.id = p.business_id
order by r.id
"""
_MOMENT = sa.DateTime(timezone=True)
_READ: dict[str, Any] = {
    "right_id": sa.Uuid(),
    "request_id": sa.Uuid(),
    "business_id": sa.Uuid(),
    "received_at": _MOMENT,
    "received_on": sa.Date(),
    "acknowledged_at": _MOMENT,
    "due_by": sa.Date(),
    "extended_told_on": sa.Date(),
    "finished_at": _MOMENT,
    "reasons": sa.JSON(),
    "request_finished_at": _MOMENT,
    "last_at": _MOMENT,
}
_COPIED = (
    *("right_id", "request_id", "business_id", "asked_of", "service_code", "reference"),
    *("received_at", "received_on", "time_zone", "channel", "language", "right", "source"),
    *("jurisdiction", "residence_source", "standing", "acknowledged_how", "due_by", "rule"),
    *("extended_told_on", "status"),
)


def upgrade() -> None:
    records, tallies = _create_records(), _create_tallies()
    # not by a batch, which builds the table anew: in SQLite its trigger would be lost
    shown: sa.Column[bool] = sa.Column(
        "publishes_metrics", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("business", shown)
    op.create_index(
        op.f("ix_call_business_id_caller_id_started_at"),
        "call",
        ["business_id", "caller_id", "started_at"],
    )
    _write_history(records, tallies)


def downgrade() -> None:
    op.drop_index(op.f("ix_call_business_id_caller_id_started_at"), "call")
    op.drop_column("business", "publishes_metrics")
    op.drop_table("request_tally")
    op.drop_table("request_record")


def _create_records() -> sa.Table:
    table = op.create_table(
        "request_record",
        sa.Column("right_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("asked_of", sa.String(200), nullable=False),
        sa.Column("service_code", sa.String(8), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("channel", _enum("channel", CHANNELS), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("right", _enum("right", RIGHTS)),
        sa.Column("source", _enum("rightsource", SOURCES)),
        sa.Column("jurisdiction", sa.String(20), nullable=False),
        sa.Column("residence_source", _enum("residencesource", RESIDENCE_SOURCES)),
        sa.Column("standing", _enum("standing", STANDINGS)),
        sa.Column("acknowledged_on", sa.Date()),
        sa.Column("acknowledged_how", sa.String(64)),
        sa.Column("due_by", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("extended_told_on", sa.Date()),
        sa.Column("status", _enum("rightstatus", STATUSES), nullable=False),
        sa.Column("outcome", _enum("outcome", OUTCOME_WORDS), nullable=False),
        sa.Column("answered_on", sa.Date()),
        sa.Column("basis", sa.JSON()),
        sa.Column("keep_until", sa.Date()),
        sa.PrimaryKeyConstraint("right_id", name=op.f("pk_request_record")),
    )
    for columns in (["business_id", "received_on", "right_id"], ["request_id"], ["keep_until"]):
        op.create_index(op.f(f"ix_request_record_{'_'.join(columns)}"), "request_record", columns)
    return table


def _create_tallies() -> sa.Table:
    key = ("business_id", "year", "right", "outcome", "counted_as", "days")
    return op.create_table(
        "request_tally",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("right", sa.String(32), nullable=False),
        sa.Column("outcome", _enum("outcome", OUTCOME_WORDS), nullable=False),
        sa.Column("counted_as", sa.String(32), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_request_tally")),
    )


def _write_history(records: sa.Table, tallies: sa.Table) -> None:
    connection = op.get_bind()
    counts: Counter[tuple[Any, ...]] = Counter()
    found = connection.execute(sa.text(HISTORY).columns(**_READ))
    for rows in found.partitions(BATCH):
        written = [_record(row._asdict()) for row in rows]
        for record in written:
            if bucket := _bucket(record):
                counts[bucket] += 1
        connection.execute(sa.insert(records), written)
    names = ("business_id", "year", "right", "outcome", "counted_as", "days")
    summed = [dict(zip(names, bucket, strict=True)) | {"count": n} for bucket, n in counts.items()]
    for start in range(0, len(summed), BATCH):
        connection.execute(sa.insert(tallies), summed[start : start + BATCH])


def _record(row: dict[str, Any]) -> dict[str, Any]:
    zone = row["time_zone"]
    outcome = _outcome(row)
    ended = row["request_finished_at"] and (row["last_at"] or row["request_finished_at"])
    return {name: row[name] for name in _COPIED} | {
        "acknowledged_on": _local(row["acknowledged_at"], zone),
        "outcome": outcome,
        "answered_on": _local(row["finished_at"], zone) if outcome != "open" else None,
        "basis": _basis(row["reasons"]) if outcome in {"denied", "partly"} else None,
        "keep_until": _months_later(_local(ended, zone), KEPT_MONTHS),
    }


def _outcome(row: dict[str, Any]) -> str:
    """Read off what was answered; under appeal, what the appeal is against."""
    if row["status"] != "appealed":
        return OUTCOMES.get(row["status"], "open")
    return "redirected" if row["controller"] else "partly" if row["not_done"] else "denied"


def _basis(reasons: list[dict[str, str]] | None) -> list[dict[str, str]] | None:
    names = ("code", "citation", "counted_as")
    return [{name: reason[name] for name in names} for reason in reasons] if reasons else None


def _bucket(record: dict[str, Any]) -> tuple[Any, ...] | None:
    if record["status"] == "struck":
        return None
    outcome = record["outcome"]
    answered = record["answered_on"] if outcome in {"complied", "partly", "denied"} else None
    basis = record["basis"] or [{"counted_as": "other"}]
    return (
        record["business_id"],
        record["received_on"].year,
        record["right"] or "not_named",
        outcome,
        basis[0]["counted_as"] if outcome == "denied" else "",
        (answered - record["received_on"]).days if answered else 0,
    )


def _local(at: datetime | None, zone: str) -> date | None:
    if at is None:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone)).date()


def _months_later(day: date | None, count: int) -> date | None:
    if day is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _enum(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
