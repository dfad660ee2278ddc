from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lines import TestLine, open_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def line(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestLine]:
    """A whole line: press keys, speak, and see what became of it."""
    with open_line(environment, tmp_path) as opened:
        yield opened
