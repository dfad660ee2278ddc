"""A receipt can be checked for years, and says one thing only."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.audit.keys import SigningKey, key_ring
from voiceline.errors import UserError
from voiceline.rules.rights import Right
from voiceline.web_receipts import Promise, Receipt, read_receipt, receipt_code, receipt_ring

KEY = SigningKey("5a" * 32)
RING = key_ring(KEY)
RECEIPT = Receipt(
    reference="123456782",
    business="Zapatería Ñandú & Söhne",
    service_code="4021",
    received_at=datetime(2026, 11, 21, 18, 0, 0, 5, tzinfo=UTC),
    received_on=date(2026, 11, 21),
    promises=(
        Promise(Right.OPT_OUT, date(2026, 12, 10)),
        Promise(Right.DELETE, date(2027, 1, 5)),
    ),
    key_id=KEY.id,
)
CODE = receipt_code(RECEIPT, KEY)


def test_receipt_is_read_back_as_it_was():
    receipt = read_receipt(CODE, RING)

    assert receipt == RECEIPT


def test_receipts_of_before_hold_by_the_key_of_the_trail():
    seeds = ("6b" * 32, "")

    by_private = read_receipt(CODE, receipt_ring(("6b" * 32, KEY.seed), ()))
    by_public = read_receipt(CODE, receipt_ring(seeds, (KEY.public,)))

    assert by_private == by_public == RECEIPT
    with pytest.raises(UserError, match="no receipt of ours"):
        read_receipt(CODE, receipt_ring(seeds, ()))


def test_lines_broken_by_a_mail_program_do_no_harm():
    folded = "\n ".join(CODE[at : at + 60] for at in range(0, len(CODE), 60))

    receipt = read_receipt(f" {folded}\r\n", RING)

    assert receipt == RECEIPT


@given(place=st.integers(0, len(CODE) - 1), letter=st.characters(codec="ascii"))
def test_no_letter_of_a_receipt_can_be_another(place, letter):
    changed = CODE[:place] + letter + CODE[place + 1 :]

    if "".join(changed.split()) == CODE:
        return
    with pytest.raises(UserError, match="no receipt of ours"):
        read_receipt(changed, RING)


@pytest.mark.parametrize("code", ["", ".", "a.b", "e30.e30", CODE[:-1], CODE + "A", "[" * 9000])
def test_what_is_no_receipt_is_refused(code):
    with pytest.raises(UserError, match="no receipt of ours"):
        read_receipt(code, RING)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_moment_that_is_none_in_utc_is_refused(moment):
    line = RECEIPT.line.replace("2026-11-21T18:00:00.000005Z", moment)
    packed = base64.urlsafe_b64encode(line.encode()).rstrip(b"=").decode()

    assert moment in line
    with pytest.raises(UserError, match="no receipt of ours"):
        read_receipt(f"{packed}.{CODE.partition('.')[2]}", RING)


def test_receipt_of_a_former_key_still_counts():
    ring = key_ring(SigningKey("6b" * 32), [KEY.public])

    receipt = read_receipt(CODE, ring)

    assert receipt == RECEIPT


def test_receipt_of_somebody_elses_key_does_not_count():
    stranger = key_ring(SigningKey("6b" * 32))

    with pytest.raises(UserError, match="no receipt of ours"):
        read_receipt(CODE, stranger)
