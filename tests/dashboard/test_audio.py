from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from factories import AT, make_call, make_request, make_voicemail, tone
from sqlalchemy import func, select

from voiceline.errors import MissingObjectError, TemporaryFailure
from voiceline.models import DerivedAudio, EventKind, RequestEvent, RequestRead, Voicemail

if TYPE_CHECKING:
    from uuid import UUID

SIZE = len(tone())


class TestPlay:
    def test_whole_message_is_what_was_stored(self, alice, world):
        answer = alice.get(world.audio)

        assert answer.status_code == 200
        assert answer.data == tone()
        assert answer.content_type == "audio/wav"
        assert answer.headers["Content-Length"] == str(SIZE)
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Disposition"] == "inline"

    @pytest.mark.parametrize(
        ("wanted", "start", "end"),
        [
            ("0-", 0, SIZE - 1),
            ("-1", SIZE - 1, SIZE - 1),
            ("5-9", 5, 9),
            ("44-99999999", 44, SIZE - 1),
        ],
    )
    def test_part_is_that_part(self, alice, world, wanted, start, end):
        answer = alice.get(world.audio, headers={"Range": f"bytes={wanted}"})

        assert answer.status_code == 206
        assert answer.data == tone()[start : end + 1]
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
        assert answer.headers["Content-Length"] == str(end - start + 1)

    @pytest.mark.parametrize("wanted", ["5-2", "0-0,5-9", f"{SIZE}-", "-0"])
    def test_what_is_no_part_is_416(self, alice, world, wanted):
        answer = alice.get(world.audio, headers={"Range": f"bytes={wanted}"})

        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
        assert answer.data == b""

    def test_head_says_how_much_there_is(self, alice, world, services):
        whole = alice.head(world.audio)
        part = alice.head(world.audio, headers={"Range": "bytes=0-9"})

        assert (whole.status_code, whole.headers["Content-Length"]) == (200, str(SIZE))
        assert (part.status_code, part.headers["Content-Length"]) == (206, "10")
        assert whole.data == part.data == b""
        assert noted(services) == []

    def test_tag_tells_that_nothing_changed(self, alice, world, services):
        tag = alice.head(world.audio).headers["ETag"]

        answer = alice.get(world.audio, headers={"If-None-Match": tag})

        assert (answer.status_code, answer.data) == (304, b"")
        assert noted(services) == []

    def test_part_of_another_version_is_the_whole(self, alice, world):
        headers = {"Range": "bytes=0-9", "If-Range": '"another"'}

        assert alice.get(world.audio, headers=headers).status_code == 200

    def test_a_named_voicemail_is_the_same(self, alice, world):
        path = f"{world.page}/voicemails/{world.voicemail.id}/audio.wav"

        assert alice.get(path).data == tone()

    @pytest.mark.parametrize("wanted", ["script", "image", "iframe", "embed", "object", "style"])
    def test_audio_is_no_part_of_another_page(self, alice, world, wanted):
        answer = alice.get(world.audio, headers={"Sec-Fetch-Dest": wanted})

        assert answer.status_code == 403

    @pytest.mark.parametrize("wanted", ["audio", "document"])
    def test_link_on_another_site_hears_and_marks_nothing(self, alice, world, services, wanted):
        asked = {"Sec-Fetch-Dest": wanted, "Sec-Fetch-Site": "cross-site"}

        answers = [alice.get(p, headers=asked) for p in (world.audio, f"{world.page}/download")]

        assert [answer.status_code for answer in answers] == [403, 403]
        with services.sessions() as session:
            assert session.scalar(select(func.count()).select_from(RequestRead)) == 0

    @pytest.mark.parametrize("wanted", ["audio", "video", "empty", "document"])
    def test_players_may_have_it(self, alice, world, wanted):
        assert alice.get(world.audio, headers={"Sec-Fetch-Dest": wanted}).status_code == 200

    def test_piece_of_a_download_is_no_copy_that_stays(self, alice, world, services):
        alice.get(f"{world.page}/download", headers={"Range": "bytes=0-0"})

        with services.sessions() as session:
            kinds = session.scalars(select(RequestEvent.kind)).all()
        assert EventKind.DOWNLOADED not in kinds
        assert "your copy stays" not in alice.get(world.page).text

    def test_methods_that_change_are_refused(self, alice, world):
        assert alice.post(world.audio).status_code == 405


class TestNoting:
    def test_listening_is_noted_with_who(self, alice, world, services):
        for start in (0, 1000, 20000):
            alice.get(world.audio, headers={"Range": f"bytes={start}-"})

        assert noted(services) == [(EventKind.LISTENED, world.alice.id)]

    def test_each_listener_is_noted(self, alice, bob, world, services):
        alice.get(world.audio)
        bob.get(world.audio)

        assert {by for _, by in noted(services)} == {world.alice.id, world.bob.id}

    def test_download_is_noted_as_download(self, alice, world, services):
        alice.get(f"{world.page}/download")

        assert noted(services) == [(EventKind.DOWNLOADED, world.alice.id)]

    def test_what_could_not_be_read_is_not_noted(self, alice, world, services):
        services.store.delete(world.voicemail.object_key)

        answer = alice.get(world.audio)

        assert answer.status_code == 503
        assert "Nothing is lost" in answer.text
        assert noted(services) == []


class TestMp3:
    def test_mp3_is_what_was_made(self, alice, made, services):
        answer = alice.get(made.path)

        assert (answer.status_code, answer.content_type) == (200, "audio/mpeg")
        assert answer.data == services.store.get(made.key)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize("wanted", ["0-", "-1", "5-9"])
    def test_d22_part_is_that_part(self, alice, made, wanted):
        whole = alice.get(made.path).data
        first, last = wanted.split("-")
        start = int(first) if first else len(whole) - int(last)
        end = int(last) if first and last else len(whole) - 1

        answer = alice.get(made.path, headers={"Range": f"bytes={wanted}"})

        assert (answer.status_code, answer.data) == (206, whole[start : end + 1])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"

    @pytest.mark.parametrize("wanted", ["5-2", "0-0,5-9", "9999999-", ",".join(["0-0"] * 1000)])
    def test_d22_what_is_no_part_is_416(self, alice, made, wanted):
        answer = alice.get(made.path, headers={"Range": f"bytes={wanted}"})

        assert (answer.status_code, answer.data) == (416, b"")

    def test_hearing_the_mp3_is_hearing_the_message(self, alice, made, world, services):
        alice.get(made.path)
        alice.get(world.audio)

        assert noted(services) == [(EventKind.LISTENED, world.alice.id)]

    def test_d23_tag_of_the_wav_is_not_the_mp3s(self, alice, made, world):
        tag = alice.head(world.audio).headers["ETag"]

        assert alice.get(made.path, headers={"If-None-Match": tag}).status_code == 200

    def test_mp3_is_no_part_of_another_page(self, alice, made):
        assert alice.get(made.path, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 403

    def test_mp3_that_is_not_made_yet_is_404(self, alice, made, services):
        with services.sessions.begin() as session:
            session.delete(session.get_one(DerivedAudio, made.id))

        assert alice.get(made.path).status_code == 404

    def test_d1_foreign_mp3_is_missing(self, charlie, world):
        foreign = world.page.replace(str(world.acme.id), str(world.bolt.id))

        answer = charlie.get(f"{foreign}/voicemails/{world.voicemail.id}/audio.mp3")

        assert answer.status_code == 404

    def test_d24_mp3_of_expired_audio_is_gone(self, alice, made, world, services):
        with services.sessions.begin() as session:
            session.get_one(Voicemail, world.voicemail.id).expire(AT)

        answer = alice.get(made.path)

        assert answer.status_code == 410
        assert "What was kept" in answer.text

    def test_page_offers_the_mp3_before_the_wav(self, alice, made, world):
        page = alice.get(world.page).text

        sources = re.findall(r'<source src="[^"]*/(audio\.\w+)"', page)
        assert sources == ["audio.mp3", "audio.wav"]
        assert page.count('<path d="M0.5') == 2

    def test_page_without_an_mp3_plays_the_wav(self, alice, made, world, services):
        with services.sessions.begin() as session:
            session.delete(session.get_one(DerivedAudio, made.id))

        page = alice.get(world.page).text

        assert re.findall(r'<source src="[^"]*/(audio\.\w+)"', page) == ["audio.wav"]


class TestDownload:
    def test_file_is_named_after_reference_and_local_date(self, alice, world, services):
        with services.sessions.begin() as session:
            mail = session.get_one(Voicemail, world.voicemail.id)
            mail.recorded_at = AT.replace(hour=3)

        answer = alice.get(f"{world.page}/download")

        reference = world.request.reference
        name = f"VL-{reference[:3]}-{reference[3:6]}-{reference[6:]}_2026-11-20.wav"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.data == tone()

    def test_a_broken_download_can_go_on(self, alice, world):
        answer = alice.get(f"{world.page}/download", headers={"Range": "bytes=100-"})

        assert (answer.status_code, answer.data) == (206, tone()[100:])


class TestGone:
    @pytest.mark.parametrize("end", ["expire", "erase"])
    @pytest.mark.parametrize("tail", ["/audio.wav", "/download"])
    def test_gone_audio_says_what_was_kept_and_why(self, alice, world, services, end, tail):
        with services.sessions.begin() as session:
            getattr(session.get_one(Voicemail, world.voicemail.id), end)(AT)

        answer = alice.get(world.page + tail)

        assert answer.status_code == 410
        assert "What was kept" in answer.text
        assert "11 CCR 7101" in answer.text
        assert noted(services) == []

    @pytest.mark.parametrize("status", ["pending", "failed", "absent"])
    def test_audio_that_is_not_here_is_404(self, alice, world, services, status):
        request = unstored(services, world, status)

        for tail in ("/audio.wav", "/download"):
            assert alice.get(f"{world.inbox}/{request.id}{tail}").status_code == 404


class TestStore:
    @pytest.mark.parametrize("error", [TemporaryFailure("away"), MissingObjectError("gone")])
    def test_store_that_fails_is_503(self, alice, world, services, monkeypatch, error):
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(type(services.store), "stream", fail)

        answer = alice.get(world.audio)

        assert answer.status_code == 503
        assert answer.headers["Retry-After"]

    def test_no_transaction_is_open_while_streaming(self, alice, world, services):
        answer = alice.get(world.audio, buffered=False)

        with services.sessions.begin() as session:
            session.get_one(Voicemail, world.voicemail.id).last_error = "written meanwhile"
        assert b"".join(answer.response) == tone()


def noted(services):
    query = select(RequestEvent.kind, RequestEvent.user_id).where(RequestEvent.user_id.is_not(None))
    with services.sessions() as session:
        return [(kind, by) for kind, by in session.execute(query)]


def unstored(services, world, status):
    with services.sessions.begin() as session:
        call = make_call(session, world.acme_code)
        mail = make_voicemail(session, call)
        if status == "failed":
            mail.fail("no route", AT)
        if status == "absent":
            mail.find_absent()
        return make_request(session, world.acme_code, call=call)


@dataclass(frozen=True)
class Made:
    id: UUID
    path: str
    key: str


@pytest.fixture
def made(services, world):
    with services.sessions() as session:
        derived = session.get_one(Voicemail, world.voicemail.id).derived
        path = f"{world.page}/voicemails/{world.voicemail.id}/audio.mp3"
        return Made(derived.id, path, derived.object_key)
