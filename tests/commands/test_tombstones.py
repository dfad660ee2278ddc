"""`voiceline tombstones`, as an operator runs it after an older dump was restored."""

from __future__ import annotations

import pytest
from factories import AT, make_business, make_code, make_message
from sqlalchemy import select, text

from voiceline.errors import MissingKeyError
from voiceline.models import Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.tombstones import bury


@pytest.fixture
def risen(services):
    """A voicemail that a dump brought back after it was erased."""
    services.store.keys.prove()  # as at the first start
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        voicemail = make_message(session, code, services.store)[1]
        voicemail.carrier_deleted_at = AT
        bury(session, voicemail.id, AT)
        return voicemail.id


def test_what_came_back_is_erased_again_and_once(run, services, risen):
    key = _now(services, risen).object_key

    first, second = run("tombstones", "apply"), run("tombstones", "apply")

    assert (first.exit_code, first.output) == (0, "1 erased again.\n")
    assert second.output == "0 erased again.\n"
    assert _now(services, risen).status == VoicemailStatus.ERASED
    with pytest.raises(MissingKeyError):
        services.store.keys.wrapped_by(key)
    with services.sessions() as session:
        assert session.scalars(select(Transcript.text)).all() == [None]


def test_what_is_in_no_list_stays(run, services, risen):
    with services.sessions.begin() as session:
        session.execute(text("delete from tombstone"))

    assert run("tombstones", "apply").output == "0 erased again.\n"
    assert _now(services, risen).status == VoicemailStatus.STORED


def test_list_that_was_printed_is_taken_in(run, services, risen, tmp_path):
    kept = tmp_path / "tombstones.jsonl"
    kept.write_text(run("tombstones", "export").output)
    with services.sessions.begin() as session:
        session.execute(text("delete from tombstone"))

    assert run("tombstones", "import", str(kept)).output == "1 read.\n"
    assert run("tombstones", "export").output == kept.read_text()


def test_place_that_refuses_is_said_and_fails(run, services, risen):
    with services.sessions.begin() as session:
        session.get(Voicemail, risen).sealed_by = "another"

    ended = run("tombstones", "apply")

    assert ended.exit_code == 1
    assert f"{risen}: key: the master key another is not at hand" in ended.output
    assert "1 not in every place: run it again." in ended.output


def _now(services, voicemail_id):
    with services.sessions() as session:
        return session.get(Voicemail, voicemail_id)
