"""`voiceline erasure`: what a consumer or a business wants gone for good, and the proof of it."""

from __future__ import annotations

import json

import click

from voiceline import erasures as verbs
from voiceline.commands.context import database, find_request, now
from voiceline.errors import NotFoundError, UserError
from voiceline.models import Erasure, ErasureCertificate
from voiceline.rules.references import grouped


@click.group()
def erasure() -> None:
    """Erase the recordings of a request for good (docs/erasing.md)."""


@erasure.command("order")
@click.argument("reference")
@click.option(
    "--because", "reason", required=True, help="Whose wish it is, and how it was checked."
)
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def order(reference: str, reason: str, *, yes: bool) -> None:
    """Order it; worker upkeep carries it out within the minute, and goes on until all is gone."""
    if not reason.strip():
        raise UserError("Say why: whose wish it is, and how it was checked.")
    if not yes:
        click.echo(verbs.IMPAIRS, err=True)
        click.confirm("Erase the recordings of this request for good?", abort=True, err=True)
    with database() as session:
        made = verbs.order(session, find_request(session, reference), reason.strip(), now())
        click.echo(f"Ordered: {made.id}")


@erasure.command("list")
def show() -> None:
    """List the orders: what is under way and what stands in its way, then what is done."""
    with database() as session:
        for each in verbs.orders(session):
            click.echo(_line(each))


@erasure.command("certificate")
@click.argument("erasure_id", type=click.UUID)
def certificate(erasure_id: object) -> None:
    """Print the signed certificate of an order that is done, as JSON."""
    with database() as session:
        found = session.get(Erasure, erasure_id)
        if found is None:
            raise NotFoundError("There is no such order: see `voiceline erasure list`.")
        if found.certificate_id is None:
            raise UserError(f"It is not done yet: {found.last_error or 'it is under way'}.")
        signed = session.get_one(ErasureCertificate, found.certificate_id)
        parts = {"key": signed.key_id, "line": signed.line, "signature": signed.signature}
        click.echo(json.dumps(parts, indent=2))


def _line(each: Erasure) -> str:
    name = grouped(each.request.reference)
    if each.done_at is not None:
        return f"{each.id}  {name}  erased {each.done_at:%Y-%m-%d %H:%M} UTC"
    return f"{each.id}  {name}  under way: {each.last_error or 'not begun'}"
