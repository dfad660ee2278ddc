from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from voiceline.businesses import open_operator
from voiceline.cli import main_group
from voiceline.commands.context import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result


@pytest.fixture
def run(services) -> Callable[..., Result]:
    """Run a command as an operator would, on a database with only the operator in it."""
    with services.sessions.begin() as session:
        open_operator(session, name="Voiceline", at=now())

    def run_it(*words: str, **more: Any) -> Result:
        return CliRunner().invoke(main_group, words, **more)

    return run_it
