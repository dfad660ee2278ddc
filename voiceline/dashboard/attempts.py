"""Doing what may be refused: in one transaction, with the reason for the page it was asked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.dashboard.context import transaction
from voiceline.errors import NotFoundError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session


def refusal(act: Callable[[Session], object]) -> str | None:
    """Do it, and answer None; or answer why not. What is not there is no page at all."""
    try:
        with transaction() as session:
            act(session)
    except NotFoundError:
        raise
    except UserError as error:
        return str(error)
    return None
