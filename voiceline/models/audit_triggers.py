"""What the database itself holds of the audit trail, in SQLite's words and in PostgreSQL's.

- An entry and a signed head are never changed or deleted, nor is a table of them emptied.
- An entry comes in only behind the newest of its chain, and the chain's head moves with it.
- The head moves to no other place, and by nobody else.
- A business has a chain from the moment it is opened.

The migrations hold their own copy, because they say what was done; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

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

TRIGGERS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def lay_down(_metadata: MetaData, connection: Connection, *, tables: Any, **_: Any) -> None:
    """Make the triggers when `metadata.create_all` has made the tables."""
    if any(table.name == "audit_entry" for table in tables):
        for statement in TRIGGERS[connection.dialect.name]:
            connection.execute(text(statement))
