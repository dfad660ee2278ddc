"""U1-U28: whatever is handed in as a greeting is sound of ours afterwards, or a sentence."""

from __future__ import annotations

import gzip
import io
import struct
import wave
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from cages import warm_cages
from damaged_files import damaged_files
from sound_files import encoded, sound_file, tone_of
from sqlalchemy import func, select
from staff import csrf_token, signed_in
from structlog.testing import CapturingLogger
from urllib3 import encode_multipart_formdata

from jobs import forgetting
from voiceline.errors import TemporaryFailure
from voiceline.models import Allowance, AuditEntry, Greeting, GreetingAudio, GreetingForm
from voiceline.sound import keeper
from voiceline.wav import duration_ms

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

NO_SOUND = "This is not a sound file of a kind we can read"


@pytest.mark.parametrize(
    ("case", "data"),
    [
        ("U1", b"MZ\x90\x00" + bytes(2000)),
        ("U2", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"),
        ("U3", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("U4", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("U4", b"<!doctype html><script>alert(1)</script>"),
    ],
)
def test_u1_u2_u3_u4_what_is_no_sound_is_refused(send, case, data):
    answer = send(data, "greeting.wav", content_type="audio/wav")

    assert answer.status_code == 400
    assert NO_SOUND in answer.text


def test_u5_nothing_of_a_file_that_is_also_a_page_is_kept(send, kept):
    page = b"<html><script>alert(1)</script></html>"
    both = sound_file() + b"LIST" + struct.pack("<I", len(page)) + page

    answer = send(both)

    assert answer.status_code == 303
    assert b"<" not in kept().data[:60]
    assert b"script" not in kept().data


def test_u6_a_picture_in_the_tags_is_gone(send, kept):
    picture = b"APIC" + struct.pack(">I", 5_000_000) + bytes(2) + b"\x89PNG" * 1_250_000
    length = len(picture)
    sevens = bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))

    answer = send(b"ID3\x03\x00\x00" + sevens + picture + sound_file("mp3"))

    assert answer.status_code == 303
    assert len(kept().data) < 20_000


def test_u7_tags_are_gone(send, kept):
    answer = send(encoded("mp3", "libmp3lame", 44_100, tone_of(1, 44_100), title="<script>hi"))

    assert answer.status_code == 303
    assert b"script" not in kept().data


def test_u8_an_empty_file_is_refused(send):
    answer = send(b"")

    assert answer.status_code == 400
    assert "The file is empty" in answer.text


def test_u9_a_header_without_sound_is_refused(send):
    answer = send(wav_of(b""))

    assert answer.status_code == 400
    assert "no sound in this file" in answer.text


def test_u10_a_header_that_lies_is_not_believed(send, kept):
    lie = bytearray(wav_of(bytes(16_000) + b"\x10\x20" * 8_000))
    lie[40:44] = b"\xff\xff\xff\xff"

    answer = send(bytes(lie))

    assert answer.status_code == 303
    assert duration_ms(kept().data) == pytest.approx(2000, abs=50)


def test_u11_thousands_of_channels_are_refused(send):
    many = bytearray(wav_of(bytes(200_000)))
    many[22:24] = struct.pack("<H", 65_535)

    answer = send(bytes(many))

    assert answer.status_code == 400


def test_u12_a_studios_file_is_telephone_sound(send, kept):
    answer = send(sound_file("studio"))

    assert answer.status_code == 303
    assert duration_ms(kept().data) == pytest.approx(1000, abs=50)


def test_u13_hours_of_silence_are_too_long(send):
    frames = encoded("mp3", "libmp3lame", 8_000, np.zeros(80_000))
    hours = (frames[frames.index(b"\xff\xe3") :] if b"\xff\xe3" in frames else frames) * 900

    answer = send(hours[: 9 * 2**20])

    assert answer.status_code == 400
    assert "longer than 2 minutes" in answer.text


def test_u14_silence_is_asked_about_and_can_be_used(send, post, kept, newest):
    answer = send(encoded("wav", "pcm_s16le", 8_000, np.zeros(80_000)))

    assert answer.status_code == 409
    assert "We hear nothing in this" in answer.text
    assert newest() is None
    used = post("keep", asking=asking_of(answer))
    assert used.status_code == 303
    assert newest().audio_sha256 == kept().sha256


def test_u14_who_thinks_too_long_about_silence_is_asked_again(send, post, other, newest):
    asking = asking_of(send(encoded("wav", "pcm_s16le", 8_000, np.zeros(80_000))))

    forged = post("keep", asking="A" + asking)
    elsewhere = post("keep", at=other, asking=asking)

    assert (forged.status_code, elsewhere.status_code) == (400, 400)
    assert newest() is None


def test_u14_silence_that_nobody_used_is_forgotten(send, services, monkeypatch, clock):
    send(encoded("wav", "pcm_s16le", 8_000, np.zeros(80_000)))
    send(sound_file())
    monkeypatch.setattr(forgetting, "services", lambda: services)
    monkeypatch.setattr(forgetting, "now", lambda: clock() + forgetting.LONGEST_WINDOW * 2)

    forgetting.forget()

    with services.sessions() as session:
        (left,) = session.scalars(select(GreetingAudio.sha256)).all()
        assert left == session.scalars(select(Greeting.audio_sha256)).one()


@pytest.mark.parametrize(
    ("loud", "warning"), [(4.0, "It sounds distorted"), (0.001, "It was very quiet")]
)
def test_u15_too_loud_and_too_quiet_are_levelled_with_a_warning(alice, send, loud, warning):
    sound = np.clip(tone_of(2, loud=loud), -1, 1)

    answer = send(encoded("wav", "pcm_s16le", 8_000, sound))

    assert answer.status_code == 303
    assert warning in alice.get(answer.headers["Location"]).text


def test_u16_eleven_megabytes_are_refused_on_a_page(send):
    answer = send(bytes(11 * 2**20))

    assert answer.status_code == 413
    assert "may have 10 MB" in answer.text


def test_u16_no_other_form_may_be_so_large(alice, one):
    answer = alice.post(f"{one}/text", data={"text": "x" * 600_000})

    assert answer.status_code == 413


def test_u17_a_body_without_a_length_is_capped(alice, one):
    endless = io.BytesIO(b"x" * (11 * 2**20))

    answer = alice.post(
        f"{one}/audio",
        input_stream=endless,
        content_type="multipart/form-data; boundary=b",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code in {400, 413}


@pytest.mark.parametrize("packed", ["zip", "gzip"])
def test_u18_archives_are_refused(send, packed):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("greeting.wav", sound_file())
    data = out.getvalue() if packed == "zip" else gzip.compress(bytes(10_000_000))

    answer = send(data, "greeting.wav")

    assert answer.status_code == 400
    assert NO_SOUND in answer.text


def test_u19_of_a_film_there_is_only_its_sound(send, kept):
    answer = send(film())

    assert answer.status_code == 303
    assert duration_ms(kept().data) == pytest.approx(1000, abs=100)


@pytest.mark.parametrize("form", ["amr", "3gp", "opus", "webm", "m4a"])
def test_u20_what_telephones_record_is_taken(send, form):
    assert send(sound_file(form)).status_code == 303


def test_u20_what_is_taken_is_listed(send):
    answer = send(b"caff" + bytes(2000), "memo.caf")

    assert "We take WAV, MP3, M4A, AAC, Ogg or Opus, WebM, FLAC and AMR" in answer.text


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "CON.wav", "n" * 300, "📢.wav", "a\nb.wav", '"; filename=x', "x.exe"],
)
def test_u21_a_files_name_means_nothing(send, name):
    answer = send(sound_file(), name)

    assert answer.status_code == 303
    assert name not in answer.headers["Location"]


@pytest.mark.parametrize("content_type", ["text/html", "application/x-msdownload", "x"])
def test_u22_the_content_decides(send, content_type):
    assert send(sound_file("mp3"), content_type=content_type).status_code == 303


def test_u23_twenty_at_once_are_too_many(app, world, one, services, monkeypatch):
    monkeypatch.setattr(keeper, "_start", lambda *_: 1)
    clients = [signed_in(app, world.alice) for _ in range(20)]
    tokens = [csrf_token(client, one) for client in clients]

    def send_one(place):
        form = {"csrf_token": tokens[place], "file": (io.BytesIO(sound_file()), "a.wav")}
        return clients[place].post(f"{one}/audio", data=form)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(send_one, range(20)))

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 10
    assert {answer.headers["Retry-After"] for answer in refused} == {"600"}
    assert "within 10 minutes" in refused[0].text
    with services.sessions() as session:
        assert session.scalar(
            select(func.count()).where(Allowance.key.startswith("greeting-upload"))
        )


def test_u24_another_businesss_code_is_not_there(alice, world, services):
    mine, theirs = (f"/businesses/{world.acme.id}/greetings", world.bolt_code.id)
    token = csrf_token(alice, f"{mine}/{world.acme_code.id}/en")

    answers = [
        alice.post(
            f"{mine}/{code}/en/audio",
            data={"csrf_token": token, "file": (io.BytesIO(sound_file()), "a.wav")},
        )
        for code in (theirs, "4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    with services.sessions() as session:
        assert not session.scalar(select(func.count()).select_from(Greeting))


def test_u25_without_a_token_nothing_is_taken(alice, one):
    answer = alice.post(f"{one}/audio", data={"file": (io.BytesIO(sound_file()), "a.wav")})

    assert answer.status_code == 400
    assert "out of date" in answer.text


def test_u26_of_a_file_that_broke_off_nothing_is_kept(alice, one, services):
    half = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'

    answer = alice.post(
        f"{one}/audio",
        data=half + sound_file()[:3000],
        content_type="multipart/form-data; boundary=b",
    )

    assert answer.status_code == 400
    with services.sessions() as session:
        assert not session.scalar(select(func.count()).select_from(GreetingAudio))


def test_u27_damaged_files_never_break_a_page(send, clock, monkeypatch):
    seen = []
    with warm_cages() as start:
        monkeypatch.setattr(keeper, "_start", start)
        for data in damaged_files(40):
            clock.at += forgetting.timedelta(minutes=11)
            seen.append(send(data).status_code)

    assert set(seen) <= {303, 400, 409}
    assert {303, 400} <= set(seen)


def test_u27_a_crash_is_logged_with_its_status(send, monkeypatch):
    monkeypatch.setattr(keeper, "_start", lambda *_: -11)
    monkeypatch.setattr(keeper, "_log", CapturingLogger())

    answer = send(sound_file("flac"))

    assert answer.status_code == 400
    assert "We could not read this file as sound" in answer.text
    (call,) = keeper._log.calls
    assert (call.args, call.kwargs) == (("sound.not_decoded",), {"kind": "flac", "status": -11})


def test_u28_what_is_damaged_counts_from_half_a_second(send, kept):
    whole = sound_file("flac", seconds=3)
    third = len(whole) // 2
    holed = whole[:third] + bytes(400) + whole[third + 400 :]

    much, little = send(holed), send(sound_file("mp3", seconds=3)[:2_500])

    assert (much.status_code, little.status_code) == (303, 400)


def test_a_busy_decoder_asks_to_come_again(send, monkeypatch):
    def busy():
        raise TemporaryFailure("busy")

    monkeypatch.setattr(keeper, "_place", busy)

    answer = send(sound_file())

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "Nothing was kept" in answer.text


def test_a_form_without_a_file_says_so(post):
    answer = post("audio")

    assert answer.status_code == 400
    assert "No file was chosen" in answer.text


@pytest.mark.parametrize(("said", "form"), [("recorded", "recorded"), ("<x>", "uploaded")])
def test_how_it_was_made_is_kept_with_who_made_it(send, newest, world, services, said, form):
    send(sound_file(), form=said)

    assert (newest().form, newest().created_by_id) == (GreetingForm(form), world.alice.id)
    with services.sessions() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert (entry.action, entry.actor_id) == ("code.greeting_set", world.alice.id)


def test_the_same_file_twice_is_one_version(send, services):
    first, second = send(sound_file()), send(sound_file())

    assert first.headers["Location"] == second.headers["Location"]
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Greeting)) == 1


def wav_of(frames: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(frames)
    return out.getvalue()


def film() -> bytes:
    """Make a second of a grey film with a tone."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        picture: Any = file.add_stream("mpeg4", rate=5)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound: Any = file.add_stream("aac", rate=44_100, layout="mono")
        for _ in range(5):
            grey = av.VideoFrame(64, 64, "yuv420p")
            file.mux(picture.encode(grey))
        file.mux(picture.encode(None))
        tone = (tone_of(1, 44_100) * 32767).astype("<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        frame.sample_rate = 44_100
        for piece in av.AudioResampler("fltp", "mono", 44_100, frame_size=1024).resample(frame):
            file.mux(sound.encode(piece))
        file.mux(sound.encode(None))
    return out.getvalue()


def asking_of(answer: TestResponse) -> str:
    return answer.text.partition('name="asking" value="')[2].partition('"')[0]


@pytest.fixture
def one(world) -> str:
    return f"/businesses/{world.acme.id}/greetings/{world.acme_code.id}/en"


@pytest.fixture
def other(world) -> str:
    return f"/businesses/{world.acme.id}/greetings/{world.acme_code.id}/es"


@pytest.fixture
def post(alice, one):
    token = csrf_token(alice, one)

    def post(what: str, at: str = one, **fields: Any) -> TestResponse:
        # not left to Werkzeug's client, which forgets the file it writes a large body into
        form = {"csrf_token": token, "seen": "0"} | fields
        body, content_type = encode_multipart_formdata(form)
        return alice.post(f"{at}/{what}", data=body, content_type=content_type)

    return post


@pytest.fixture
def send(post):
    """Hand in a file as Alice does."""

    def send(data: bytes, name: str = "greeting.wav", *, content_type="audio/wav", **fields):
        return post("audio", file=(name, data, content_type), **fields)

    return send


@pytest.fixture
def kept(services):
    """Answer the sound that was kept last, whose hash is its name."""

    def kept() -> GreetingAudio:
        with services.sessions() as session:
            found = session.scalars(select(GreetingAudio)).one()
        assert sha256(found.data).hexdigest() == found.sha256
        return found

    return kept


@pytest.fixture
def newest(services):
    def newest() -> Greeting | None:
        with services.sessions() as session:
            return session.scalars(select(Greeting).order_by(Greeting.version.desc())).first()

    return newest
