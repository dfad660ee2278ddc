"""`voiceline audit`: read the trail, check it, and give others what they need to check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import select

from voiceline import businesses
from voiceline.audit.checking import Report, check_chain, line_of
from voiceline.audit.encoding import moment
from voiceline.audit.keys import KeyRing, SigningKey, key_ring
from voiceline.audit.reading import ShownEntry, entries_of
from voiceline.audit.signed import SignedHead, stored_heads
from voiceline.commands.context import database, read_settings
from voiceline.commands.keys import in_words, read_key
from voiceline.database import make_engine
from voiceline.errors import NotFoundError, UserError
from voiceline.models import Business, PrivacyRequest
from voiceline.rules.plain_text import without_controls

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.settings import Settings

FAILED = 1
LARGEST_PAGE = 10_000

_business = click.option("--business", "word", help="Name or code of one business.")


@click.group()
def audit() -> None:
    """Show and check the audit trail; docs/audit.md explains it."""


@audit.command("verify")
@_business
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads that were kept elsewhere, as `voiceline audit heads` prints them.",
)
@click.pass_context
def verify(context: click.Context, word: str | None, file: Path | None) -> None:
    """Follow every chain to its head; name the first broken entry, and end with status 1."""
    settings = read_settings()
    with database() as session:
        chosen = [(each.id, each.name) for each in _chosen(session, word)]
    kept = _read_heads(file) if file else []
    ring, engine = _ring(settings), make_engine(settings.database)
    broken = False
    try:
        for business_id, name in chosen:
            report = check_chain(engine, business_id, ring, kept_heads=kept)
            click.echo(f"{without_controls(name)}: {_words(report)}")
            broken = broken or report.fault is not None
    finally:
        engine.dispose()
    if broken:
        context.exit(FAILED)


@audit.command("show")
@_business
@click.option("--request", "reference", help="Only the entries of the request of this reference.")
@click.option("--before", type=click.IntRange(min=1), help="Only entries below this number.")
@click.option(
    "--limit", type=click.IntRange(1, LARGEST_PAGE), default=50, show_default=True, help="Entries."
)
@click.option("--lines", is_flag=True, help="The lines that were hashed, and nothing else.")
def show(
    word: str | None, reference: str | None, before: int | None, limit: int, *, lines: bool
) -> None:
    """List the entries of a business or of a request, newest first."""
    with database() as session:
        business_id, request_id = _wanted(session, word, reference)
        found = entries_of(session, business_id, request_id=request_id, before=before, limit=limit)
        for shown in found:
            click.echo(line_of(shown.entry) if lines else _row(shown))
    if lines:
        return
    if not found:
        click.echo("There are no entries.")
    if len(found) == limit and found[-1].entry.sequence > 1:
        click.echo(f"Older ones: --before {found[-1].entry.sequence}")


@audit.command("heads")
@_business
def heads(word: str | None) -> None:
    """Print the signed heads, a line each, to be kept where nobody of ours can change them."""
    with database() as session:
        for each in _chosen(session, word):
            for head in stored_heads(session, each.id):
                click.echo(head.as_json())


@audit.command("key")
def key() -> None:
    """Print the public key that heads are signed with, for whoever checks them elsewhere."""
    click.echo(in_words(_signing(read_settings())))


def _chosen(session: Session, word: str | None) -> list[Business]:
    if word is not None:
        return [businesses.find_business(session, word)]
    return list(businesses.list_businesses(session))


def _wanted(session: Session, word: str | None, reference: str | None) -> tuple[UUID, UUID | None]:
    if word is None and reference is None:
        raise UserError("Say which: --business with a name or code, or --request with a reference.")
    business_id = businesses.find_business(session, word).id if word is not None else None
    if reference is None:
        assert business_id is not None  # noqa: S101 - one of the two was given
        return business_id, None
    digits = reference.replace("-", "").removeprefix("VL")
    request = session.scalar(select(PrivacyRequest).where(PrivacyRequest.reference == digits))
    if request is None or business_id not in {None, request.business_id}:
        raise NotFoundError("There is no such request: a reference has nine digits.")
    return request.business_id, request.id


def _row(shown: ShownEntry) -> str:
    entry = shown.entry
    who = entry.actor_kind.value
    if entry.actor_name is not None:
        who = without_controls(shown.name) if shown.name else f"{who} (name erased)"
    facts = "" if entry.facts == "{}" else f"  {entry.facts}"
    return (
        f"{entry.sequence:>8}  {moment(entry.at)}  {who:<24}  {entry.action:<24}"
        f"  {entry.subject_kind} {entry.subject_id}{facts}"
    )


def _words(report: Report) -> str:
    if report.fault is not None:
        fault = report.fault
        return f"entry {fault.sequence} is broken ({fault.wrong}): {fault.because}."
    return f"{report.end.sequence} entries hold, {report.heads} signed heads on them."


def _read_heads(file: Path) -> list[SignedHead]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [SignedHead.from_json(line) for line in lines if line.strip()]


def _signing(settings: Settings) -> SigningKey:
    return read_key(settings.audit_signing_key, "AUDIT_SIGNING_KEY")


def _ring(settings: Settings) -> KeyRing:
    return key_ring(_signing(settings), settings.audit_former_keys)
