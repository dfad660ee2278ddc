"""Dates that were worked out apart from this program, and what every law's clocks are."""

from __future__ import annotations

from datetime import date

CALIFORNIA = [
    tuple(map(date.fromisoformat, line.split()))
    for line in """
    2026-06-22 2026-07-03 2026-07-06 2026-07-10 2026-07-13 2026-08-06 2026-09-20
    2026-10-02 2026-10-15 2026-10-19 2026-10-21 2026-10-26 2026-11-16 2026-12-31
    2026-11-02 2026-11-14 2026-11-17 2026-11-20 2026-11-24 2026-12-17 2027-01-31
    2026-11-10 2026-11-23 2026-11-25 2026-11-30 2026-12-03 2026-12-25 2027-02-08
    2026-11-20 2026-12-03 2026-12-07 2026-12-09 2026-12-14 2027-01-04 2027-02-18
    2026-11-21 2026-12-04 2026-12-07 2026-12-10 2026-12-14 2027-01-05 2027-02-19
    2026-11-25 2026-12-08 2026-12-10 2026-12-14 2026-12-17 2027-01-09 2027-02-23
    2026-12-18 2026-12-31 2027-01-05 2027-01-07 2027-01-12 2027-02-01 2027-03-18
    2026-12-23 2027-01-06 2027-01-08 2027-01-12 2027-01-15 2027-02-06 2027-03-23
    2026-12-31 2027-01-13 2027-01-15 2027-01-20 2027-01-25 2027-02-14 2027-03-31
    2027-01-14 2027-01-27 2027-01-29 2027-02-02 2027-02-05 2027-02-28 2027-04-14
    2027-06-11 2027-06-24 2027-06-25 2027-06-30 2027-07-02 2027-07-26 2027-09-09
    2028-01-15 2028-01-28 2028-01-31 2028-02-03 2028-02-07 2028-02-29 2028-04-14
    """.strip().split("\n")
]
"""Received; acknowledge, literal and customary; opt-out, literal and customary; +45; +90."""

MONTHS = [
    tuple(map(date.fromisoformat, line.split()))
    for line in """
    2027-01-31 2027-02-28 2027-04-30
    2026-11-30 2026-12-30 2027-02-28
    2027-01-29 2027-02-28 2027-04-29
    2026-12-31 2027-01-31 2027-03-31
    """.strip().split("\n")
]
"""Received; a month later; three months later."""

FIGURES = """
    US-CA       2020-01-01  45 days   90 days    -        -
    US-VA       2023-01-01  45 days   90 days    60 days  -
    US-CO       2023-07-01  45 days   90 days    45 days  105 days
    US-CT       2023-07-01  45 days   90 days    60 days  -
    US-UT       2023-12-31  45 days   90 days    -        -
    US-FL       2024-07-01  45 days   60 days    60 days  -
    US-TX       2024-07-01  45 days   90 days    60 days  -
    US-OR       2024-07-01  45 days   90 days    45 days  -
    US-MT       2024-10-01  45 days   90 days    60 days  -
    US-IA       2025-01-01  90 days  135 days    60 days  -
    US-DE       2025-01-01  45 days   90 days    60 days  -
    US-NE       2025-01-01  45 days   90 days    60 days  -
    US-NH       2025-01-01  45 days   90 days    60 days  -
    US-NJ       2025-01-15  45 days   90 days    45 days  -
    US-TN       2025-07-01  45 days   90 days    60 days  -
    US-MN       2025-07-31  45 days   90 days    45 days  105 days
    US-MD       2025-10-01  45 days   90 days    60 days  -
    US-IN       2026-01-01  45 days   90 days    60 days  -
    US-KY       2026-01-01  45 days   90 days    60 days  -
    US-RI       2026-01-01  45 days   90 days    60 days  -
    US-WA-MHMDA 2024-03-31  45 days   90 days    45 days  -
    US-NV       2019-10-01  60 days   90 days    -        -
    US-OK       2027-01-01  45 days    -         60 days  -
    US-CA-DROP  2026-08-01  45 days    -          -       -
    EU          2018-05-25   1 months  3 months   -       -
    UK          2026-02-05   1 months  3 months   -       -
    CA-FED      -           30 days   60 days     -       -
    CA-QC       -           30 days    -          -       -
    BR          -           15 days    -          -       -
    UNKNOWN-US  2020-01-01  45 days   90 days     -       -
"""
"""Key; in force on; answer within; with the extension; appeal decided within; with its extension.

All are counted from receipt.
"""

WITHOUT_FIGURES = {"US-LA", "US-AL", "US-VT", "IN"}


def figures() -> list[list[str | None]]:
    """Answer the rows of FIGURES: key, date and four periods written as `45-days`."""
    rows = []
    for line in FIGURES.strip().split("\n"):
        written = line.replace(" days", "-days").replace(" months", "-months").split()
        rows.append([None if word == "-" else word for word in written])
    return rows
