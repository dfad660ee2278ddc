from __future__ import annotations

import pytest

from voiceline.rules.phone_numbers import read_phone


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("4155550123", "+14155550123"),
        ("(415) 555-0123", "+14155550123"),
        ("1 415.555.0123", "+14155550123"),
        ("+1 415 555 0123", "+14155550123"),
        ("415\u2013555\u20130123", "+14155550123"),
        ("1-800-FLOWERS", "+18003569377"),
        ("\uff14\uff11\uff15\uff15\uff15\uff15\uff10\uff11\uff12\uff13", "+14155550123"),
        ("+44 20 7946 0018", "+442079460018"),
        (" +52 55 1234 5678 ", "+525512345678"),
    ],
)
def test_written_numbers_are_read(typed, read):
    number = read_phone(typed)

    assert number == read


@pytest.mark.parametrize(
    "typed",
    [
        *("", "   ", "5550123", "555-0123", "115 555 0123", "415 155 0123"),
        *(
            "415 555 0123 ext. 5",
            "4155550123x99",
            "+4",
            "++14155550123",
            "+44 20 7946 0018 0000 00",
        ),
        *(
            "FLOWERS",
            "a",
            "0044 20 7946 0018",
            "+0 415 555 0123",
            "415 555 0123; drop",
            "\u0664" * 10,
        ),
    ],
)
def test_what_is_no_number_is_refused(typed):
    number = read_phone(typed)

    assert number is None
