"""When everything else is down: the message is taken, kept on the disk, and filed once."""

from __future__ import annotations

import stat

import pytest
from lines import CALLER, DEDICATED, NUMBER, SPEECH
from loopback_ports import free_ports
from signed import BASE, RECORDING, Telephone, call_facts, recording_event

from jobs.upkeep import replay_spool
from voiceline import spool
from voiceline.models import Call, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.settings import load_settings
from webhooks import create_fallback_app

CALLED = call_facts(ErrorCode="11200", ErrorUrl="https://voice.example.com/voice/answer")


def test_the_fallback_speaks_both_languages(fallback):
    tone = fallback.post("/voice/fallback", CALLED)

    languages = [verb.language for verb in tone.document.verbs if hasattr(verb, "text")]
    assert languages[:2] == ["en-US", "es-US"]
    assert "recorded and transcribed" in tone.said
    assert "se graba y se transcribe" in tone.said
    assert tone.verb("Record").max_length == 600


def test_the_fallback_keeps_what_was_recorded(fallback, spooled):
    tone = fallback.post("/voice/fallback", CALLED)

    thanks = fallback.speak(tone)
    told = fallback.call_back(tone)

    action, callback = spooled()
    assert (thanks.verbs, told.status) == (["Say", "Hangup"], 204)
    assert (action["from_number"], action["recording_id"]) == (CALLER, RECORDING)
    assert (callback["from_number"], callback["to_number"]) == (None, NUMBER)


def test_what_the_fallback_keeps_is_nobody_elses(fallback):
    fallback.speak(fallback.post("/voice/fallback", CALLED))

    folder = load_settings().spool_dir
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_caller_who_hung_up_is_kept_all_the_same(fallback, spooled):
    tone = fallback.post("/voice/fallback", CALLED)

    answered = fallback.speak(tone, Digits="hangup", CallStatus="completed")

    (kept,) = spooled()
    assert (answered.verbs, kept["hung_up"]) == ([], True)


def test_a_call_that_is_over_needs_no_fallback(fallback, spooled):
    answered = fallback.post("/voice/fallback", CALLED | {"CallStatus": "completed"})

    assert (answered.verbs, spooled()) == ([], [])


def test_nothing_said_to_the_fallback_is_not_thanked_for(fallback, spooled):
    heard, said = fallback.post("/voice/fallback", CALLED), []
    for _ in range(3):
        heard = fallback.speak(heard, RecordingDuration="0")
        said.append(heard.said)

    assert [words.startswith("We heard nothing.") for words in said] == [True] * 3
    assert "received" not in said[-1]
    assert heard.verbs == ["Say", "Say", "Hangup"]
    assert spooled() == []


@pytest.mark.parametrize("status", ["in-progress", "paused", "brand-new"])
def test_the_fallback_keeps_only_what_is_ready(fallback, spooled, status):
    told = fallback.post("/voice/fallback/recording", recording_event(RecordingStatus=status))

    assert (told.status, spooled()) == (204, [])


@pytest.mark.parametrize("path", ["", "/message", "/recording"])
def test_the_fallback_opens_only_to_the_carrier(fallback, spooled, path):
    refused = fallback.post(f"/voice/fallback{path}", CALLED, token="wrong")

    assert (refused.status, refused.text, spooled()) == (403, "", [])


def test_the_fallback_has_nothing_else(fallback):
    paths = {rule.rule for rule in fallback.app.url_map.iter_rules()}

    assert paths == {
        "/healthz",
        *("/voice/fallback" + name for name in ("", "/message", "/recording")),
    }


@pytest.mark.parametrize("ruin", ["garbage", "folder", "missing"])
def test_a_ruined_database_file_still_takes_messages(
    carrier_settings, tmp_path, build_telephone, spooled, ruin
):
    path = tmp_path / "voiceline.db"
    carrier_settings.setenv("VOICELINE_DATABASE_URL", f"sqlite:///{path}")
    if ruin == "folder":
        path.mkdir()
    if ruin == "garbage":
        path.write_bytes(b"this is no database" * 500)

    telephone = build_telephone()
    tone = telephone.key(telephone.answer(), "4021")
    thanks = telephone.speak(tone)

    assert "technical problem" in tone.said
    assert "Your message has been received" in thanks.said
    assert [event["code"] for event in spooled()] == ["4021"]


def test_a_stopped_postgresql_still_takes_messages(carrier_settings, build_telephone, spooled):
    (port,) = free_ports(1)
    carrier_settings.setenv(
        "VOICELINE_DATABASE_URL", f"postgresql+psycopg://nobody@127.0.0.1:{port}/none"
    )
    telephone = build_telephone()

    tone = telephone.key(telephone.answer(), "4021")
    thanks = telephone.speak(tone)
    told = telephone.call_back(tone)

    assert tone.verb("Record")
    assert (thanks.verbs, told.status) == (["Say", "Hangup"], 204)
    assert len(spooled()) == 2


def test_a_call_to_a_dead_telephone_is_filed_once(line):
    for number in line.carrier.numbers():
        (port,) = free_ports(1)
        dead = f"http://127.0.0.1:{port}/voice/answer"
        line.carrier.update_number(number.sid, {"voice_url": dead})

    record = line.call()
    for _ in range(2):
        replay_spool()
        line.work()

    (call,) = line.rows(Call)
    (voicemail,) = line.rows(Voicemail)
    assert "technical problem" in record.texts[0]
    assert record.outcome == "completed"
    assert (call.unassigned, call.caller_id) == (True, CALLER)
    assert voicemail.status == VoicemailStatus.STORED
    assert len(line.rows(PrivacyRequest)) == 1


def test_a_dead_telephone_files_for_the_number_called(line):
    for number in line.carrier.numbers():
        line.carrier.update_number(
            number.sid, {"voice_url": number.voice_url.replace("answer", "nowhere")}
        )

    line.call(to=DEDICATED, say=SPEECH, end="hangup")
    replay_spool()
    line.work()

    with line.services.sessions() as session:
        assert session.merge(line.request(), load=False).service_code.code == "3077"
    assert line.rows(Call)[0].ended_at is not None


def test_a_corrupted_event_does_not_stop_the_others(line):
    folder = line.services.settings.spool_dir
    folder.mkdir(mode=0o700)
    corrupted = {
        folder / f"0000000000000000000{number}-aaaa.json": content
        for number, content in enumerate(
            [b"{", b"\xff\xfe", b"[]", b"null", b'{"call_id": 1}', b'{"recorded_at": "never"}']
        )
    }
    for path, content in corrupted.items():
        path.write_bytes(content)
    fallback = Telephone(create_fallback_app(_behind(line)))
    fallback.post("/voice/fallback/recording", recording_event())

    replay_spool()

    assert len(line.rows(Voicemail)) == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == corrupted


def test_an_event_replayed_twice_is_one_voicemail(line):
    fallback = Telephone(create_fallback_app(_behind(line)))
    fallback.post("/voice/fallback/recording", recording_event())
    folder = line.services.settings.spool_dir
    (path,) = folder.iterdir()
    content = path.read_bytes()

    replay_spool()
    path.write_bytes(content)
    replay_spool()

    assert len(line.rows(Voicemail)) == 1
    assert not list(folder.iterdir())


def _behind(line):
    return line.services.settings.model_copy(update={"telephone_url": BASE})


@pytest.fixture
def spooled(carrier_settings):
    """Answer what lies in the spool."""
    return lambda: [values for _, values in spool.events(load_settings().spool_dir)]
