from __future__ import annotations

import pytest

from voiceline.rules.plain_text import read_name, without_controls


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


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (" Acme  Shoes\n", "Acme Shoes"),
        ("Al\0ice", "Alice"),
        ("Jose\u0301", "José"),
        ("", None),
        (" \0", None),
        ("\u200b\u202e\u200d", None),
        ("x" * 11, None),
    ],
)
def test_name_is_one_line_that_somebody_can_see(given, read):
    assert read_name(given, 10) == read
