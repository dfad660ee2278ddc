"""The reference a caller hears and keys: eight random digits and a check digit.

Random, not counted, so that a reference tells nobody how many requests there are. The check
digit is Damm's: it catches every single wrong digit and every swap of two neighbours.
Spoken and shown as 3-3-3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

LENGTH = 9

_REFERENCE = re.compile(r"[0-9]{9}", re.ASCII)

# A totally anti-symmetric quasigroup of order 10 (H. M. Damm, 2004): row = interim digit,
# column = next digit.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """Answer the digit that completes `digits`."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def new_reference(chance: Random) -> str:
    """Draw a reference; `chance` is the system's cryptographic source in production."""
    digits = f"{chance.randrange(10**8):08d}"
    return digits + check_digit(digits)


def is_reference(text: str) -> bool:
    """Tell whether `text` is nine ASCII digits whose last one checks the others."""
    return _REFERENCE.fullmatch(text) is not None and check_digit(text[:-1]) == text[-1]


def grouped(reference: str, separator: str = "-") -> str:
    """Write a reference as it is read aloud: `123-456-789`."""
    return separator.join(reference[start : start + 3] for start in (0, 3, 6))
