from __future__ import annotations

import pytest
from factories import AT, make_call, make_request, make_voicemail, tone
from sqlalchemy import select

from voiceline.errors import MissingObjectError, TemporaryFailure
from voiceline.models import EventKind, RequestEvent, Voicemail

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

    @pytest.mark.parametrize("wanted", ["audio", "video", "empty", "document"])
    def test_players_may_have_it(self, alice, world, wanted):
        assert alice.get(world.audio, headers={"Sec-Fetch-Dest": wanted}).status_code == 200

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

    def test_outline_is_not_listening(self, alice, world, services):
        path = f"{world.page}/voicemails/{world.voicemail.id}/waveform.json"

        answer = alice.get(path).get_json()

        assert (len(answer["peaks"]), answer["seconds"]) == (240, 3.0)
        assert noted(services) == []


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
