"""`voiceline receipt verify`: whether a consumer's receipt is what we signed."""

from __future__ import annotations

import re
import sys

import click

from voiceline.audit.keys import KeyRing, key_id
from voiceline.commands.context import read_settings
from voiceline.commands.keys import in_words, read_key
from voiceline.errors import UserError
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS
from voiceline.web_receipts import Receipt, read_receipt, receipt_ring

PUBLIC_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


@click.group()
def receipt() -> None:
    """Check the receipts of the public form."""


@receipt.command("verify")
@click.argument("code", default="-")
@click.option("--key", "public", help="Public key to check with, as `receipt key` prints it.")
def verify(code: str, public: str | None) -> None:
    """Say what the receipt with this CODE promised, or end with status 1 where it is false.

    Without a CODE, or with -, it is read from standard input. Needs no database.
    """
    text = sys.stdin.read() if code == "-" else code
    for line in _lines(read_receipt(text, _ring(public))):
        click.echo(line)


@receipt.command("key")
def key() -> None:
    """Print the public key that receipts are signed with, for whoever checks them elsewhere."""
    click.echo(in_words(read_key(read_settings().receipt_signing_key, "RECEIPT_SIGNING_KEY")))


def _ring(public: str | None) -> KeyRing:
    if public is None:
        settings = read_settings()
        return receipt_ring(settings.receipt_seeds, settings.keys_of_receipts)
    if not PUBLIC_KEY.fullmatch(public):
        raise UserError("A public key has 64 hex digits; `voiceline receipt key` prints it.")
    return KeyRing({key_id(public): public})


def _lines(found: Receipt) -> list[str]:
    return [
        "This receipt is true: we signed exactly this.",
        f"Reference  {grouped(found.reference)}",
        f"Business   {found.business} (code {found.service_code})",
        f"Received   {found.received_at:%Y-%m-%d %H:%M:%S} UTC, the business's {found.received_on}",
        *(f"Asked for  {LABELS[one.right]}: answer by {one.answer_by}" for one in found.promises),
    ]
