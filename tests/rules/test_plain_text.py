from __future__ import annotations

import pytest

from voiceline.rules.plain_text import without_controls


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("delete\0 my data", "delete my data"),
        ("\u202eatad ym eteled", "atad ym eteled"),
        ("línea uno\n\tlínea dos", "línea uno\n\tlínea dos"),
        ("\x1b[31mred", "[31mred"),
        ("", ""),
    ],
)
def test_only_text_is_kept(given, kept):
    assert without_controls(given) == kept
