"""`voiceline audit`: what an operator and a regulator see."""

from __future__ import annotations

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from factories import AT, make_business, make_code, make_message, make_user
from sqlalchemy import delete, text

from voiceline import audit, casework
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.audit.signing import sign_heads
from voiceline.businesses import find_business
from voiceline.errors import NotFoundError, UserError
from voiceline.models import AuditName


class TestVerify:
    def test_chains_that_hold_end_with_status_0(self, run, acme):
        ended = run("audit", "verify")

        assert ended.exit_code == 0
        assert "Acme Shoes: 3 entries hold, 0 signed heads on them." in ended.output
        assert "Voiceline: 1 entries hold" in ended.output

    def test_first_broken_entry_is_named(self, run, acme, services):
        break_entry(services, 2)

        ended = run("audit", "verify")

        assert ended.exit_code == 1
        assert "Acme Shoes: entry 2 is broken (altered)" in ended.output
        assert "Voiceline: 1 entries hold" in ended.output

    def test_one_business_is_checked_alone(self, run, acme, services):
        break_entry(services, 2)

        other, broken = run("audit", "verify", "--business", "1"), run("audit", "verify")

        assert (other.exit_code, broken.exit_code) == (0, 1)
        assert "Acme" not in other.output

    def test_unknown_business_is_answered_with_advice(self, run):
        ended = run("audit", "verify", "--business", "4999")

        assert isinstance(ended.exception, NotFoundError)

    def test_heads_kept_elsewhere_are_held_against_it(self, run, acme, services, tmp_path):
        sign(services)
        kept = tmp_path / "heads"
        kept.write_text(run("audit", "heads").output)
        forged = kept.read_text().replace('"signature":"', '"signature":"00')

        true = run("audit", "verify", "--heads", str(kept))
        kept.write_text(forged)
        false = run("audit", "verify", "--heads", str(kept))

        assert "3 entries hold, 1 signed heads" in true.output
        assert (true.exit_code, false.exit_code) == (0, 1)
        assert "head signature" in false.output

    def test_file_that_holds_no_heads_is_refused(self, run, acme, tmp_path):
        (tmp_path / "heads").write_text("nonsense\n")

        ended = run("audit", "verify", "--heads", str(tmp_path / "heads"))

        assert isinstance(ended.exception, UserError)


class TestShow:
    def test_entries_of_a_business_are_newest_first(self, run, acme):
        shown = run("audit", "show", "--business", "4021").output.splitlines()

        assert [line.split()[0] for line in shown] == ["3", "2", "1"]
        assert "Alice Abbott" in shown[0]
        assert "voicemail.downloaded" in shown[0]
        assert "operator" in shown[2]
        assert '{"code":"4021"}' in shown[2]

    def test_entries_of_a_request_are_its_own(self, run, acme):
        shown = run("audit", "show", "--request", acme.reference)

        assert [line.split()[0] for line in shown.output.splitlines()] == ["3", "2"]

    def test_reference_may_be_written_as_it_is_read(self, run, acme):
        digits = acme.reference
        spoken = f"VL-{digits[:3]}-{digits[3:6]}-{digits[6:]}"

        assert run("audit", "show", "--request", spoken).exit_code == 0

    def test_pages_go_on_below_a_number(self, run, acme):
        first = run("audit", "show", "--business", "4021", "--limit", "2")
        second = run("audit", "show", "--business", "4021", "--limit", "2", "--before", "2")

        assert "Older ones: --before 2" in first.output
        assert [line.split()[0] for line in second.output.splitlines()] == ["1"]

    def test_lines_are_what_was_hashed(self, run, acme):
        lines = run("audit", "show", "--business", "4021", "--lines").output.splitlines()

        hashes = [hashlib.sha256(line.encode()).hexdigest() for line in lines]

        assert [json.loads(line)["previous"] for line in lines] == [*hashes[1:], "0" * 64]

    def test_erased_name_is_said_to_be(self, run, acme, services):
        with services.sessions.begin() as session:
            session.execute(delete(AuditName))

        shown = run("audit", "show", "--business", "4021").output

        assert "staff (name erased)" in shown

    @pytest.mark.parametrize(
        ("words", "advice"),
        [
            ((), "--request"),
            (("--request", "000000000"), "nine digits"),
            (("--business", "1", "--request", "{reference}"), "nine digits"),
        ],
    )
    def test_what_does_not_exist_is_answered_with_advice(self, run, acme, words, advice):
        filled = [word.format(reference=acme.reference) for word in words]

        ended = run("audit", "show", *filled)

        assert isinstance(ended.exception, UserError)
        assert advice in str(ended.exception)

    def test_business_without_entries_says_so(self, run, services):
        with services.sessions.begin() as session:
            make_business(session, "Quiet Co")

        assert "no entries" in run("audit", "show", "--business", "Quiet Co").output


def test_printed_key_checks_printed_heads(run, acme, services):
    sign(services)
    printed = run("audit", "key").output
    line = run("audit", "heads", "--business", "4021").output

    head = json.loads(line)
    public = printed.partition("Ed25519 ")[2].split()[0]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))

    key.verify(bytes.fromhex(head["signature"]), head["head"].encode())
    assert f"key {head['key']}" in printed
    assert "BEGIN PUBLIC KEY" in printed
    assert services.settings.audit_signing_key.get_secret_value() not in printed


def break_entry(services, sequence):
    with services.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("drop trigger audit_entry_no_update"))
        else:
            connection.execute(text("set local session_replication_role = replica"))
        done = connection.execute(
            text("update audit_entry set action = 'request.opened' where sequence = :sequence"),
            {"sequence": sequence},
        )
        assert done.rowcount == 1


def sign(services):
    key = SigningKey(services.settings.audit_signing_key.get_secret_value())
    sign_heads(services.engine, key, key_ring(key), AT.date())


@pytest.fixture
def acme(run, services):
    """Acme's request, whose message Alice heard and downloaded."""
    run("business", "add", "Acme Shoes")
    run("code", "add", "4021", "Acme Shoes")
    with services.sessions.begin() as session:
        found = find_business(session, "4021")
        request, voicemail = make_message(session, make_code(session, found, "5077"))
        alice = make_user(session)
        audit.keep_name(session, audit.staff(alice))
        casework.note_listened(session, request, voicemail, alice, AT)
        casework.note_downloaded(session, request, voicemail, alice, AT)
    return request
