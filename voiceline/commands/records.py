"""`voiceline records export`: the log of requests, also of an account whose dashboard is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from voiceline import audit, businesses, record_files
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.commands.context import now, transactions
from voiceline.errors import NotFoundError
from voiceline.models import Business

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@click.group()
def records() -> None:
    """Take out the log of requests and answers that is kept for 24 months (11 CCR 7101)."""


@records.command("export")
@click.option("--business", "word", required=True, help="Its id, its name or a code of its.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(record_files.FILES)),
    default="csv",
    show_default=True,
    help="The form of the file.",
)
def export(word: str, form: str) -> None:
    """Write the log of a business to standard output, whatever has become of its account.

    The audit trail of the business has an entry of it before the first line is written.
    """
    with transactions() as sessions:
        with sessions.begin() as session:
            business = _find(session, word)
            action, facts = Action.RECORDS_EXPORTED, {"form": form}
            deed = Deed(business.id, action, OPERATOR, now(), audit.about(business), facts)
            audit.write(session, deed)
        for text in record_files.FILES[form](record_files.whole_log(sessions, business.id)):
            click.echo(text.encode(), nl=False)


def _find(session: Session, word: str) -> Business:
    try:
        found = session.get(Business, UUID(word))
    except ValueError:
        return businesses.find_business(session, word)
    if found is None:
        raise NotFoundError(f"No business has the id {word}.")
    return found
