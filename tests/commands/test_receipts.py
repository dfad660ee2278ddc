"""Checking a receipt at the command line, with the installation's keys or with a public one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from voiceline.audit.keys import SigningKey
from voiceline.errors import UserError
from voiceline.rules.rights import Right
from voiceline.web_receipts import Promise, Receipt, receipt_code

KEY = SigningKey("5a" * 32)
CODE = receipt_code(
    Receipt(
        reference="123456782",
        business="Acme Shoes",
        service_code="4021",
        received_at=datetime(2026, 11, 21, 18, tzinfo=UTC),
        received_on=date(2026, 11, 21),
        promises=(Promise(Right.DELETE, date(2027, 1, 5)),),
        key_id=KEY.id,
    ),
    KEY,
)
SAID = """\
This receipt is true: we signed exactly this.
Reference  123-456-782
Business   Acme Shoes (code 4021)
Received   2026-11-21 18:00:00 UTC, the business's 2026-11-21
Asked for  Delete: answer by 2027-01-05
"""


def test_true_receipt_is_told(run, environment):
    environment.setenv("VOICELINE_AUDIT_SIGNING_KEY", "5a" * 32)

    told = run("receipt", "verify", CODE)

    assert told.output == SAID


def test_receipt_of_the_present_key_is_told(run, environment):
    environment.setenv("VOICELINE_RECEIPT_SIGNING_KEY", "5a" * 32)

    told, printed = run("receipt", "verify", CODE), run("receipt", "key")

    assert told.output == SAID
    assert f"Ed25519 {KEY.public}" in printed.output


def test_public_key_is_enough(run):
    told = run("receipt", "verify", "--key", KEY.public, input=f"{CODE}\n")

    assert told.output == SAID


@pytest.mark.parametrize(
    "words", [(CODE,), (CODE[:-2], "--key", KEY.public), ("x", "--key", KEY.public)]
)
def test_false_receipt_is_refused(run, words):
    told = run("receipt", "verify", *words)

    assert isinstance(told.exception, UserError)
    assert "no receipt of ours" in str(told.exception)


def test_key_that_is_none_is_refused(run):
    told = run("receipt", "verify", CODE, "--key", "secret")

    assert "64 hex digits" in str(told.exception)
