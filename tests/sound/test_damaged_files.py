"""U27: a thousand damaged files, and the process that takes them stands."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from cages import warm_cages
from damaged_files import damaged_files

from voiceline.errors import UserError
from voiceline.sound import keeper
from voiceline.sound.reading import read_greeting
from voiceline.wav import check_greeting

FILES = 1_200


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_u27_a_thousand_damaged_files_are_read_or_refused(monkeypatch):
    with warm_cages() as start:
        monkeypatch.setattr(keeper, "_start", start)
        with ThreadPoolExecutor(2) as threads:
            found = Counter(threads.map(outcome_of, damaged_files(FILES)))

    assert sum(found.values()) == FILES
    assert found["read"] > FILES // 10
    assert found["refused"] > FILES // 10


def outcome_of(data: bytes) -> str:
    """Read the file; anything but a greeting or a sentence is an error of ours."""
    try:
        check_greeting(read_greeting(data).wav)
    except UserError:
        return "refused"
    return "read"
