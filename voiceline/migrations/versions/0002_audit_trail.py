"""The audit trail: a chain of entries for each business, which the database itself keeps whole."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    """
    create trigger audit_entry_no_update before update on audit_entry
    begin select raise(abort, 'the audit trail is only appended to'); end
    """,
    """
    create trigger audit_entry_no_delete before delete on audit_entry
    begin select raise(abort, 'the audit trail is only appended to'); end
    """,
    """
    create trigger audit_head_no_update before update on audit_head
    begin select raise(abort, 'the audit trail is only appended to'); end
    """,
    """
    create trigger audit_head_no_delete before delete on audit_head
    begin select raise(abort, 'the audit trail is only appended to'); end
    """,
    # `insert or replace` deletes, and no trigger for deleting hears of it
    """
    create trigger audit_head_no_replace before insert on audit_head
    begin
        select raise(ignore) where exists (
            select 1 from audit_head where business_id = new.business_id and day = new.day);
    end
    """,
    """
    create trigger audit_chain_no_replace before insert on audit_chain
    begin
        select raise(abort, 'the head of an audit chain moves with its entries alone')
        where exists (select 1 from audit_chain where business_id = new.business_id);
    end
    """,
    """
    create trigger audit_chain_no_delete before delete on audit_chain
    begin select raise(abort, 'the audit trail is only appended to'); end
    """,
    """
    create trigger audit_chain_moves before update on audit_chain
    begin
        select raise(abort, 'the head of an audit chain moves with its entries alone')
        where new.sequence <> old.sequence + 1 or not exists (
            select 1 from audit_entry
            where business_id = old.business_id and business_id = new.business_id
            and sequence = new.sequence and entry_hash = new.entry_hash
            and previous_hash = old.entry_hash);
    end
    """,
    """
    create trigger audit_entry_follows after insert on audit_entry
    begin
        update audit_chain set sequence = new.sequence, entry_hash = new.entry_hash
        where business_id = new.business_id
        and sequence = new.sequence - 1 and entry_hash = new.previous_hash;
        select raise(abort, 'an audit entry follows the newest of its chain')
        where not exists (
            select 1 from audit_chain where business_id = new.business_id
            and sequence = new.sequence and entry_hash = new.entry_hash);
    end
    """,
    """
    create trigger business_begins_chain after insert on business
    begin
        insert into audit_chain (business_id, sequence, entry_hash) values (
            new.id, 0, '0000000000000000000000000000000000000000000000000000000000000000');
    end
    """,
)

POSTGRESQL = (
    """
    create or replace function audit_refuse() returns trigger language plpgsql as $$
    begin
        raise exception 'the audit trail is only appended to'
        using errcode = 'restrict_violation';
    end $$
    """,
    """
    create or replace function audit_chain_moves() returns trigger language plpgsql as $$
    begin
        if new.business_id = old.business_id and new.sequence = old.sequence + 1 and exists (
            select 1 from audit_entry where business_id = new.business_id
            and sequence = new.sequence and entry_hash = new.entry_hash
            and previous_hash = old.entry_hash
        ) then
            return new;
        end if;
        raise exception 'the head of an audit chain moves with its entries alone'
        using errcode = 'restrict_violation';
    end $$
    """,
    """
    create or replace function audit_entry_follows() returns trigger language plpgsql as $$
    begin
        update audit_chain set sequence = new.sequence, entry_hash = new.entry_hash
        where business_id = new.business_id
        and sequence = new.sequence - 1 and entry_hash = new.previous_hash;
        if not found then
            raise exception 'an audit entry follows the newest of its chain'
            using errcode = 'restrict_violation';
        end if;
        return null;
    end $$
    """,
    """
    create or replace function business_begins_chain() returns trigger language plpgsql as $$
    begin
        insert into audit_chain (business_id, sequence, entry_hash)
        values (new.id, 0, repeat('0', 64));
        return null;
    end $$
    """,
    """
    create trigger audit_entry_no_change before update or delete on audit_entry
    for each row execute function audit_refuse()
    """,
    """
    create trigger audit_entry_no_truncate before truncate on audit_entry
    for each statement execute function audit_refuse()
    """,
    """
    create trigger audit_head_no_change before update or delete on audit_head
    for each row execute function audit_refuse()
    """,
    """
    create trigger audit_head_no_truncate before truncate on audit_head
    for each statement execute function audit_refuse()
    """,
    """
    create trigger audit_chain_no_delete before delete on audit_chain
    for each row execute function audit_refuse()
    """,
    """
    create trigger audit_chain_no_truncate before truncate on audit_chain
    for each statement execute function audit_refuse()
    """,
    """
    create trigger audit_chain_moves before update on audit_chain
    for each row execute function audit_chain_moves()
    """,
    """
    create trigger audit_entry_follows after insert on audit_entry
    for each row execute function audit_entry_follows()
    """,
    """
    create trigger business_begins_chain after insert on business
    for each row execute function business_begins_chain()
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit_name",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_audit_name")),
    )
    op.create_index(
        op.f("ix_audit_name_user_id_name"), "audit_name", ["user_id", "name"], unique=True
    )
    op.create_table(
        "audit_chain",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name=op.f("fk_audit_chain_business_id")
        ),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "staff",
                "system",
                "operator",
                "consumer",
                name="actorkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_audit_entry_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["business_id"], ["audit_chain.business_id"], name=op.f("fk_audit_entry_business_id")
        ),
        sa.PrimaryKeyConstraint("business_id", "sequence", name=op.f("pk_audit_entry")),
    )
    for column in ("subject_id", "request_id"):
        op.create_index(
            op.f(f"ix_audit_entry_business_id_{column}_sequence"),
            "audit_entry",
            ["business_id", column, "sequence"],
        )
    op.create_table(
        "audit_head",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["audit_chain.business_id"], name=op.f("fk_audit_head_business_id")
        ),
        sa.PrimaryKeyConstraint("business_id", "day", name=op.f("pk_audit_head")),
    )
    # businesses of before have a chain, too, which begins now
    op.execute(
        sa.text(
            "insert into audit_chain (business_id, sequence, entry_hash) "
            "select id, 0, :zeros from business"
        ).bindparams(zeros="0" * 64)
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("drop trigger business_begins_chain")
    else:
        op.execute("drop trigger business_begins_chain on business")
    for table in ("audit_head", "audit_entry", "audit_chain", "audit_name"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for function in (
            "audit_refuse",
            "audit_chain_moves",
            "audit_entry_follows",
            "business_begins_chain",
        ):
            op.execute(f"drop function {function}()")
