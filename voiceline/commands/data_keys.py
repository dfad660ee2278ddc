"""`voiceline keys`: under which master keys things are, and putting them under the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voiceline import sealing
from voiceline.bootstrap import make_store
from voiceline.commands.context import read_settings, transactions
from voiceline.errors import MissingKeyError, PermanentFailure, UserError

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.sealing import AnySealed, Keys

FAILED = 1
BATCH = 200


@click.group()
def keys() -> None:
    """Change and check the keys that seal voicemails and files."""


@keys.command("check")
@click.option("--all", "whole", is_flag=True, help="Open every data key, too.")
@click.pass_context
def check(context: click.Context, *, whole: bool) -> None:
    """Tell what is under which master key; exit status 1 when one of them is missing."""
    store, ill = make_store(read_settings()), 0
    store.keys.prove()
    click.echo(f"{store.keys.master_id} wraps what is made now.")
    with transactions() as sessions:
        with sessions.begin() as session:
            counts = sealing.count_by_master(session)
        for master_id, count in sorted(counts.items(), key=str):
            if master_id is None:
                click.echo(f"{count} not seen to be sealed yet: worker upkeep does it.")
                continue
            ill += 0 if store.keys.knows(master_id) else 1
            state = "at hand" if store.keys.knows(master_id) else "NOT among VOICELINE_MASTER_KEYS"
            click.echo(f"{count} under {master_id}, which is {state}.")
        if whole:
            ill += sum(_open_all(sessions, store.keys, kind) for kind in sealing.SEALED_ROWS)
    if ill:
        context.exit(FAILED)


@keys.command("rotate")
def rotate() -> None:
    """Wrap every data key with the first master key; may be stopped and begun again anywhere.

    Nothing that is sealed is written anew. When it is through, the former master key may go.
    """
    store = make_store(read_settings())
    master_id, failed = store.keys.master_id, 0
    with transactions() as sessions:
        for kind in sealing.SEALED_ROWS:
            failed += _rotate_all(sessions, store.keys, kind)
    if failed:
        raise UserError(f"{failed} data keys were not wrapped anew: keep the former master key.")
    store.keys.rewrap_probe()
    click.echo(f"Everything sealed is under {master_id}.")


def _rotate_all(sessions: sessionmaker[Session], keys: Keys, kind: AnySealed) -> int:
    failed: set[UUID] = set()
    done, wanted = 0, keys.master_id
    while True:
        with sessions.begin() as session:
            found = sealing.find_under_others(session, kind, wanted, limit=BATCH, but=failed)
            rows = [sealing.find_row(session, kind, row_id) for row_id in found]
            names = {row.id: sealing.keys_of(row)[-1] for row in rows if row is not None}
        if not names:
            return len(failed)
        for row_id, name in names.items():
            if not _rewrap(keys, kind, row_id, name):
                failed.add(row_id)
        with sessions.begin() as session:
            for row_id in names.keys() - failed:
                sealing.note_rewrapped(session, kind, row_id, wanted)
        done += len(names.keys() - failed)
        click.echo(f"{kind.__tablename__}: {done} wrapped anew")


def _rewrap(keys: Keys, kind: AnySealed, row_id: UUID, name: str) -> bool:
    try:
        keys.rewrap(name)
    except PermanentFailure as failure:
        click.echo(f"{kind.__tablename__} {row_id}: {failure}", err=True)
        return False
    return True


def _open_all(sessions: sessionmaker[Session], keys: Keys, kind: AnySealed) -> int:
    """Open every data key and say which do not open; answer how many."""
    ill, last = 0, None
    while True:
        with sessions.begin() as session:
            rows = sealing.sealed_after(session, kind, last, limit=BATCH)
            names = {row.id: sealing.keys_of(row)[-1] for row in rows}
        if not names:
            return ill
        for row_id, name in names.items():
            try:
                keys.find(name)
            except PermanentFailure as failure:
                kept = "its key is lost" if isinstance(failure, MissingKeyError) else str(failure)
                click.echo(f"{kind.__tablename__} {row_id}: {kept}", err=True)
                ill += 1
        last = max(names)
