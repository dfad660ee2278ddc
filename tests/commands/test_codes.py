from __future__ import annotations

from pathlib import Path

import pytest
from sound_files import sound_file

from voiceline.models import Greeting, ServiceCode

AUDIO = Path(__file__).parents[2] / "voiceline" / "audio" / "demo_greeting_en.wav"


def test_brand_with_a_number_of_its_own_is_added(run, services):
    run("business", "add", "Acme", "--code", "4021")

    added = run("code", "add", "3077", "4021", "--brand", "Zoom", "--number", "+18005550177")

    with services.sessions() as session:
        code = session.query(ServiceCode).filter_by(code="3077").one()
    assert added.exit_code == 0
    assert (code.spoken_name, code.dedicated_number) == ("Zoom", "+18005550177")


@pytest.mark.parametrize("digits", ["1", "2", "9", "0123", "123456789", "12a", "", "٣"])
def test_reserved_and_malformed_codes_are_refused(run, digits):
    run("business", "add", "Acme", "--code", "4021")

    refused = run("code", "add", digits, "4021")

    assert refused.exit_code != 0
    assert "Traceback" not in refused.output


def test_each_greeting_is_a_new_version(run, services):
    run("business", "add", "Acme", "--code", "4021")

    run("code", "greeting", "4021", "--text", "Hello.")
    run("code", "greeting", "4021", "--audio", str(AUDIO))
    run("code", "greeting", "4021", "--language", "es", "--text", "Hola.")

    with services.sessions() as session:
        found = session.query(Greeting.language, Greeting.version, Greeting.text).all()
    assert sorted(found, key=str) == [("en", 1, "Hello."), ("en", 2, None), ("es", 1, "Hola.")]


def test_a_file_that_is_no_sound_is_refused_with_what_is_taken(run, tmp_path):
    run("business", "add", "Acme", "--code", "4021")
    file = tmp_path / "song.wav"
    file.write_bytes(b"RIFFnothing")

    refused = run("code", "greeting", "4021", "--audio", str(file))

    assert "We take WAV, MP3, M4A" in str(refused.exception)


def test_greeting_of_an_unknown_code_is_refused(run):
    refused = run("code", "greeting", "7777", "--text", "Hello.")

    assert "no service code 7777" in str(refused.exception)


def test_blocked_caller_can_be_unblocked_once(run):
    blocked = run("caller", "block", "+14155550199", "--reason", "pumping")

    first = run("caller", "unblock", "+14155550199")
    second = run("caller", "unblock", "+14155550199")

    assert (blocked.exit_code, first.exit_code) == (0, 0)
    assert "not blocked" in str(second.exception)


def test_any_sound_file_becomes_a_greeting(run, services, tmp_path):
    run("business", "add", "Acme", "--code", "4021")
    file = tmp_path / "memo.m4a"
    file.write_bytes(sound_file("m4a", loud=0.001))

    made = run("code", "greeting", "4021", "--audio", str(file))

    assert made.exit_code == 0
    assert "very quiet" in made.output
    with services.sessions() as session:
        (found,) = session.query(Greeting).all()
    assert (found.form, found.created_by_id) == ("uploaded", None)
    assert found.duration_ms > 900
