"""`voiceline evidence`: a pack into a file, and a check that needs nothing but the file."""

from __future__ import annotations

import json
import stat
import zipfile

import pytest
from click.testing import CliRunner
from factories import make_business, make_code, make_message, make_user
from sqlalchemy import update

from voiceline import desk
from voiceline.audit.keys import SigningKey, as_pem
from voiceline.casework import find_request
from voiceline.cli import main_group
from voiceline.errors import NotFoundError, TemporaryFailure, UserError
from voiceline.models import RequestedRight
from voiceline.rules.references import grouped


def test_a_pack_is_written_and_holds(request_row, key, tmp_path):
    file = tmp_path / "pack.zip"

    written = run("export", f"VL-{grouped(request_row.reference)}", "--to", str(file))
    checked = run("verify", str(file))

    assert written.exit_code == checked.exit_code == 0
    assert f"sealed with the key {key.id}" in written.output
    assert f"request {grouped(request_row.reference)}" in checked.output
    assert "could have sealed it anew" in checked.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_changed_byte_is_named_and_ends_with_status_1(request_row, tmp_path):
    file = packed(request_row, tmp_path)
    data = bytearray(file.read_bytes())
    data[data.index(b"RIFF") + 1000] ^= 1
    file.write_bytes(data)

    answer = run("verify", str(file))

    assert answer.exit_code == 1
    assert answer.output == "The pack does not hold: audio/message-1.wav is altered.\n"


def test_words_that_are_not_those_bound_end_with_status_1(services, request_row, tmp_path):
    with services.sessions.begin() as session:
        request = find_request(session, request_row.business_id, request_row.id)
        clerk = desk.Clerk(make_user(session), request.received_at, request.version)
        desk.redirect(session, request, clerk, request.rights[0], controller="Bolt Bikes")
    true = run("verify", str(packed(request_row, tmp_path)))
    with services.sessions.begin() as session:
        session.execute(update(RequestedRight).values(controller="Cat Cars"))

    answer = run("verify", str(packed(request_row, tmp_path / "other")))

    assert (true.exit_code, answer.exit_code) == (0, 1)
    assert "1 texts are those that the audit trail binds" in true.output
    assert "The words of this answer are NOT those that entry 1 binds" in answer.output


@pytest.mark.parametrize("form", ["digits", "file of digits", "pem", "printed"])
def test_the_key_can_be_named_in_every_way(request_row, key, tmp_path, form):
    file, kept = packed(request_row, tmp_path), tmp_path / "key"
    printed = CliRunner().invoke(main_group, ["audit", "key"]).output
    forms = {"file of digits": f"{key.public}\n", "pem": as_pem(key.public), "printed": printed}
    kept.write_text(forms.get(form, ""))

    answer = run("verify", str(file), "--key", key.public if form == "digits" else str(kept))

    assert answer.exit_code == 0
    assert f"sealed with the key {key.id}, which you named" in answer.output


def test_another_key_is_told(request_row, tmp_path):
    file, other = packed(request_row, tmp_path), SigningKey("22" * 32)

    answer = run("verify", str(file), "--key", other.public)

    assert answer.exit_code == 1
    assert "which is not yours" in answer.output


@pytest.mark.parametrize("text", ["", "not a key", "\x00\xff", "-----BEGIN PUBLIC KEY-----\nx"])
def test_what_is_no_key_is_a_sentence(request_row, tmp_path, text):
    file, kept = packed(request_row, tmp_path), tmp_path / "key"
    kept.write_text(text)

    for given in (str(kept), "abc", str(tmp_path / "missing")):
        answer = run("verify", str(file), "--key", given)
        assert isinstance(answer.exception, UserError)
        assert "64 hex digits" in str(answer.exception)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04" + bytes(100)])
def test_what_is_no_pack_is_a_sentence(tmp_path, data):
    file = tmp_path / "no.zip"
    file.write_bytes(data)

    answer = run("verify", str(file))

    assert answer.exit_code == 1
    assert answer.output.startswith("The pack does not hold: ")


def test_a_check_needs_no_settings_and_no_database(request_row, tmp_path, environment):
    file = packed(request_row, tmp_path)
    environment.setenv("VOICELINE_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    environment.setenv("VOICELINE_STORE", "nonsense")

    answer = run("verify", str(file))

    assert answer.exit_code == 0


def test_links_are_followed(request_row, tmp_path):
    file = tmp_path / "pack.zip"

    run("export", request_row.reference, "--to", str(file), "--links")

    assert "linked by" in run("verify", str(file)).output


def test_no_file_is_written_over(request_row, tmp_path):
    file = tmp_path / "mine.zip"
    file.write_text("mine")

    answer = run("export", request_row.reference, "--to", str(file))

    assert isinstance(answer.exception, UserError)
    assert file.read_text() == "mine"


def test_what_could_not_be_finished_is_taken_away(request_row, services, tmp_path, monkeypatch):
    file, calls = tmp_path / "pack.zip", []
    stream = type(services.store).stream

    def fail_the_second_time(store, *about):
        calls.append(about)
        if len(calls) > 2:
            raise TemporaryFailure("away")
        return stream(store, *about)

    monkeypatch.setattr(type(services.store), "stream", fail_the_second_time)

    answer = run("export", request_row.reference, "--to", str(file))

    assert isinstance(answer.exception, TemporaryFailure)
    assert not file.exists()


@pytest.mark.parametrize("reference", ["123456789", "x", ""])
def test_an_unknown_reference_is_a_sentence(request_row, tmp_path, reference):
    answer = run("export", reference, "--to", str(tmp_path / "pack.zip"))

    assert isinstance(answer.exception, NotFoundError)
    assert "nine digits" in str(answer.exception)


def test_a_folder_that_is_missing_is_a_sentence(request_row, tmp_path):
    answer = run("export", request_row.reference, "--to", str(tmp_path / "no" / "pack.zip"))

    assert isinstance(answer.exception, UserError)
    assert "cannot be written" in str(answer.exception)


def test_the_operator_is_named_in_the_trail(request_row, tmp_path):
    with zipfile.ZipFile(packed(request_row, tmp_path)) as archive:
        last = json.loads(archive.read("audit/entries.jsonl").splitlines()[-1])

    assert (last["action"], last["actor"]["kind"]) == ("request.exported", "operator")


def packed(request_row, tmp_path):
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "pack.zip"
    run("export", request_row.reference, "--to", str(file))
    return file


def run(*words: str):
    return CliRunner().invoke(main_group, ["evidence", *words])


@pytest.fixture
def request_row(services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session), "4021")
        return make_message(session, code, services.store)[0]


@pytest.fixture
def key(services):
    return SigningKey(services.settings.audit_signing_key.get_secret_value())
