"""Taking requests away: one ZIP of voicemails, one CSV of requests, and what is proven of it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
import subprocess
import zipfile
from datetime import timedelta
from html import unescape
from urllib.parse import unquote
from uuid import uuid4

import pytest
from factories import (
    AT,
    keep_audio,
    make_member,
    make_message,
    make_user,
    make_voicemail,
    tone,
)
from proving import hidden_fields, prove
from sqlalchemy import select, update
from staff import csrf_token, signed_in
from werkzeug.datastructures import MultiDict

from voiceline import download_files, downloads, request_files
from voiceline.audit import Action
from voiceline.dashboard import downloads as views
from voiceline.errors import TemporaryFailure
from voiceline.login_sessions import CONFIRMED_FOR, IDLE
from voiceline.models import (
    AuditEntry,
    Download,
    EventKind,
    PrivacyRequest,
    Requester,
    RequestEvent,
    Role,
    ServiceCode,
    Voicemail,
)

ZIP, CSV = "/downloads/voicemails.zip", "/downloads/requests.csv"


class TestPage:
    def test_page_says_how_much_before_it_is_taken(self, alice, world, services):
        size = len(tone())
        with services.sessions.begin() as session:
            make_message(session, world.acme_code, services.store)

        page = alice.get(f"{world.inbox}/downloads?status=all").text

        assert "2 voicemails, about" in page
        assert f"{2 * size / 1000:.1f} kB" in page
        assert "All requests: 2" in page

    def test_chosen_requests_are_counted_without_those_of_others(self, alice, world):
        ids = [world.request.id, world.foreign.id]

        page = post(alice, world, "/downloads", ids=ids).text

        assert "1 chosen request" in page
        assert str(world.foreign.id.hex) in page
        assert "1 voicemail," in page

    def test_ticked_requests_are_offered_from_the_inbox(self, alice, world, services):
        with services.sessions.begin() as session:
            make_message(session, world.acme_code, services.store)
        page = alice.get(world.inbox).text
        ticks = re.findall('name="ids" value="([^"]+)"', page)

        offered = post(alice, world, "/downloads", ids=ticks, list="status=open")
        all_of_them = post(alice, world, "/downloads", all="1", list="status=open")

        assert f'formaction="{world.inbox}/downloads"' in page
        assert len(ticks) == 2
        assert "2 chosen requests" in offered.text
        assert "2 chosen requests" in all_of_them.text

    def test_nothing_ticked_takes_nothing(self, alice, world):
        answer = post(alice, world, "/downloads", list="status=open")

        assert answer.status_code == 400
        assert "Nothing is chosen." in answer.text

    @pytest.mark.parametrize(
        "choice",
        [
            {"assigned": str(uuid4())},
            {"from": "2026-13-99"},
            {"code": "9999"},
            {"ids": ""},
        ],
    )
    @pytest.mark.parametrize("tail", [ZIP, CSV])
    def test_choice_that_cannot_be_read_takes_nothing(self, alice, world, choice, tail):
        answer = post(alice, world, tail, **choice)

        assert answer.status_code == 400
        assert "Nothing was taken away" in answer.text

    def test_list_without_audio_says_so(self, alice, world, services):
        with services.sessions.begin() as session:
            session.get_one(Voicemail, world.voicemail.id).expire(AT)

        page = alice.get(f"{world.inbox}/downloads").text

        assert "None of these requests has a voicemail" in page

    def test_d5_unknown_list_is_the_open_one(self, alice, world):
        assert "All open requests" in alice.get(f"{world.inbox}/downloads?status=;drop").text

    def test_viewers_neither_see_nor_take(self, app, world, services):
        viewer = viewer_of(app, world, services)

        assert "/downloads" not in viewer.get(world.inbox).text
        assert viewer.get(f"{world.inbox}/downloads").status_code == 403
        for tail in ("/downloads", ZIP, CSV):
            assert post(viewer, world, tail).status_code == 403

    def test_d9_form_without_its_token_is_refused(self, alice, world):
        assert alice.post(world.inbox + ZIP).status_code == 400


class TestZip:
    def test_archive_holds_each_message_an_index_and_its_hashes(self, alice, world):
        answer = post(alice, world, ZIP, status="all")
        archive = opened(answer)

        name = f"audio/VL-{grouped(world)}_2026-11-21.wav"
        assert answer.content_type == "application/zip"
        disposition = answer.headers["Content-Disposition"]
        assert disposition == 'attachment; filename="voiceline-voicemails_2026-11-21.zip"'
        assert archive.namelist() == ["README.txt", name, "index.csv", "SHA256SUMS.txt"]
        assert archive.testzip() is None
        assert archive.read(name) == tone()
        (line,) = lines_of(archive, "index.csv")
        assert (line["file"], line["result"], line["time_zone"]) == (
            name,
            "ok",
            "America/Los_Angeles",
        )
        assert line["recorded_at"] == "2026-11-21T10:00:00-08:00"
        sums = dict(
            line.split("  ")[::-1] for line in archive.read("SHA256SUMS.txt").decode().splitlines()
        )
        assert sums == {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name != "SHA256SUMS.txt"
        }

    @pytest.mark.skipif(not shutil.which("unzip"), reason="unzip is not installed")
    def test_another_program_finds_it_whole(self, alice, world, tmp_path):
        file = tmp_path / "voicemails.zip"
        file.write_bytes(post(alice, world, ZIP).data)

        answer = subprocess.run(["unzip", "-t", file], capture_output=True, check=False)

        assert answer.returncode == 0

    def test_d26_messages_of_one_request_have_names_of_their_own(self, alice, world, services):
        with services.sessions.begin() as session:
            call = session.merge(world.request).call
            for take in (None, None, 2):
                keep_audio(
                    session, make_voicemail(session, call, take=take), services.store, tone(1)
                )

        names = opened(post(alice, world, ZIP)).namelist()[1:5]

        stem = f"audio/VL-{grouped(world)}_2026-11-21"
        assert sorted(names) == sorted(f"{stem}{end}.wav" for end in ("", "_2", "_3", "_4"))

    def test_d26_brand_in_another_script_is_written_as_it_is(self, alice, world, services):
        with services.sessions.begin() as session:
            session.get_one(ServiceCode, world.acme_code.id).brand = "=Café 靴"

        (line,) = lines_of(opened(post(alice, world, ZIP)), "index.csv")

        assert line["asked_of"] == "'=Café 靴"

    def test_only_own_messages_are_taken(self, alice, world):
        chosen = f"{world.foreign.id.hex} {world.request.id.hex} nonsense"

        archive = opened(post(alice, world, ZIP, ids=chosen))

        assert len(lines_of(archive, "index.csv")) == 1

    def test_lost_and_altered_messages_are_told_and_the_rest_goes_on(self, alice, world, services):
        with services.sessions.begin() as session:
            _, lost = make_message(session, world.acme_code, services.store)
            _, altered = make_message(session, world.acme_code, services.store)
            altered.sha256 = "0" * 64
        services.store.delete(lost.object_key)

        archive = opened(post(alice, world, ZIP))

        results = [line["result"] for line in lines_of(archive, "problems.csv")]
        assert sorted(results) == ["altered", "lost"]
        assert sorted(line["result"] for line in lines_of(archive, "index.csv")) == [
            "altered",
            "lost",
            "ok",
        ]
        assert archive.testzip() is None

    def test_message_that_expires_on_the_way_is_gone_and_the_rest_goes_on(
        self, alice, world, services, monkeypatch
    ):
        plan = downloads.make_plan

        def plan_then_expire(*given):
            made = plan(*given)
            with services.sessions.begin() as session:
                session.get_one(Voicemail, world.voicemail.id).expire(AT)
            return made

        monkeypatch.setattr(downloads, "make_plan", plan_then_expire)

        archive = opened(post(alice, world, ZIP))

        assert [line["result"] for line in lines_of(archive, "problems.csv")] == ["gone"]

    def test_messages_without_audio_are_counted_and_listed_with_the_reason(
        self, alice, world, services
    ):
        with services.sessions.begin() as session:
            call = session.merge(world.request).call
            make_voicemail(session, call)
            make_voicemail(session, call, take=2).find_absent()
            _, expired = make_message(session, world.acme_code, services.store)
            expired.expire(AT)

        page = alice.get(f"{world.inbox}/downloads").text
        archive = opened(post(alice, world, ZIP))

        assert "Of <strong>1</strong> voicemail the audio has not reached us yet" in page
        assert "Of <strong>2</strong> voicemails there is none" in page
        why = [line["result"] for line in lines_of(archive, "problems.csv")]
        listed = {line["result"]: line["file"] for line in lines_of(archive, "index.csv")}
        assert sorted(why) == ["awaited", "gone", "none"]
        assert {name for result, name in listed.items() if result != "ok"} == {""}
        assert "in full" in alice.get(f"{world.inbox}/downloads/progress").text

    def test_store_that_fails_half_way_leaves_a_whole_archive(
        self, alice, world, services, monkeypatch
    ):
        def fail(*_):
            yield tone()[:1000]
            raise TemporaryFailure("away")

        monkeypatch.setattr(type(services.store), "stream", fail)

        archive = opened(post(alice, world, ZIP))

        assert [line["result"] for line in lines_of(archive, "problems.csv")] == ["unreadable"]
        assert archive.testzip() is None
        assert "your copy stays" not in alice.get(world.page).text

    def test_more_than_a_batch_is_taken_in_order(self, alice, world, services, monkeypatch):
        monkeypatch.setattr(downloads, "BATCH", 2)
        monkeypatch.setattr(download_files, "BATCH", 2)
        with services.sessions.begin() as session:
            for minutes in range(6):
                at = AT + timedelta(minutes=minutes)
                make_message(session, world.acme_code, services.store, received_at=at)

        moments = [
            line["recorded_at"] for line in lines_of(opened(post(alice, world, ZIP)), "index.csv")
        ]

        assert len(moments) == 7
        assert moments == sorted(moments)

    def test_long_download_outlives_the_idle_time(self, alice, world, clock):
        answer = post(alice, world, ZIP, buffered=False)
        clock.wait(IDLE * 3)

        assert opened(answer).testzip() is None

    def test_no_transaction_is_open_while_streaming(self, alice, world, services):
        answer = post(alice, world, ZIP, buffered=False)

        with services.sessions.begin() as session:
            session.get_one(Voicemail, world.voicemail.id).last_error = "written meanwhile"
        assert opened(answer).testzip() is None


class TestProof:
    def test_archive_is_proven_as_a_whole_and_message_by_message(self, alice, world, services):
        post(alice, world, ZIP)

        line = f"{world.voicemail.id} {world.voicemail.sha256}\n"
        whole, each = entries(services, Action.VOICEMAILS_DOWNLOADED, Action.VOICEMAIL_DOWNLOADED)
        assert hashlib.sha256(line.encode()).hexdigest() in whole.facts
        assert (each.subject_id, each.request_id) == (world.voicemail.id, world.request.id)
        with services.sessions() as session:
            kinds = session.scalars(
                select(RequestEvent.kind).where(RequestEvent.user_id.is_not(None))
            )
            assert list(kinds) == [EventKind.DOWNLOADED]

    def test_page_says_who_has_a_copy_that_stays(self, alice, bob, world):
        post(bob, world, ZIP)

        page = alice.get(world.page).text

        assert "Downloaded by Bob Baker on 21 Nov 2026: your copy stays" in page
        assert "when ours expires on 20 May 2027" in page

    def test_client_that_hangs_up_ends_the_work(self, alice, world, services):
        with services.sessions.begin() as session:
            for _ in range(3):
                make_message(session, world.acme_code, services.store)
        answer = post(alice, world, ZIP, buffered=False)
        next(iter(answer.response))

        answer.close()

        with services.sessions() as session:
            (row,) = session.scalars(select(Download)).all()
        assert row.ended_at is not None
        assert row.done < row.voicemails == 4
        assert not entries(services, Action.VOICEMAIL_DOWNLOADED)
        assert post(alice, world, ZIP).status_code == 200

    def test_hanging_up_before_the_last_byte_leaves_no_copy_to_count_on(
        self, alice, world, services
    ):
        answer, sent = post(alice, world, ZIP, buffered=False), b""
        pieces = iter(answer.response)
        while b"file,reference" not in sent:
            sent += next(pieces)

        answer.close()

        page = alice.get(f"{world.inbox}/downloads").text
        assert "stopped after 1 of 1 voicemails, before its end" in page
        assert "your copy stays" not in alice.get(world.page).text
        (cut,) = entries(services, Action.VOICEMAIL_DOWNLOAD_CUT_OFF)
        assert (cut.subject_id, cut.request_id) == (world.voicemail.id, world.request.id)
        assert not entries(services, Action.VOICEMAIL_DOWNLOADED)

    def test_reader_that_paused_for_long_gets_the_rest_and_its_proof(
        self, alice, world, services, clock, monkeypatch
    ):
        monkeypatch.setattr(download_files, "BATCH", 1)
        with services.sessions.begin() as session:
            for _ in range(3):
                make_message(session, world.acme_code, services.store)
        first = post(alice, world, ZIP, buffered=False)
        pieces = iter(first.response)
        begun = [next(pieces) for _ in range(3)]
        clock.wait(downloads.SILENT + timedelta(minutes=1))

        second = post(alice, world, ZIP, buffered=False)
        rest = b"".join(pieces)

        assert second.status_code == 200
        assert zipfile.ZipFile(io.BytesIO(b"".join(begun) + rest)).testzip() is None
        assert len(entries(services, Action.VOICEMAIL_DOWNLOADED)) == 4
        second.close()

    def test_progress_is_told(self, alice, world):
        before = alice.get(f"{world.inbox}/downloads/progress").text
        post(alice, world, ZIP)

        after = alice.get(f"{world.inbox}/downloads/progress").text

        assert "archive" not in before
        assert "sent in full" in after

    def test_progress_of_another_is_not_told(self, alice, bob, world):
        post(alice, world, ZIP)

        assert "archive" not in bob.get(f"{world.inbox}/downloads/progress").text


class TestLimits:
    def test_one_at_a_time_for_each_person(self, alice, bob, world):
        running = post(alice, world, ZIP, buffered=False)

        second, other = post(alice, world, ZIP), post(bob, world, ZIP)

        assert second.status_code == 429
        assert "still being sent" in second.text
        assert other.status_code == 200
        running.close()

    def test_download_whose_process_died_bars_no_other(self, alice, world, services, clock):
        post(alice, world, ZIP)
        with services.sessions.begin() as session:
            session.execute(update(Download).values(ended_at=None))
        clock.wait(downloads.SILENT + timedelta(seconds=1))

        assert post(alice, world, ZIP).status_code == 200

    def test_eleventh_within_an_hour_is_refused(self, app, alice, world, clock):
        answers = [post(alice, world, ZIP).status_code for _ in range(downloads.MOST_AN_HOUR + 1)]
        clock.wait(downloads.WINDOW)

        assert answers == [200] * downloads.MOST_AN_HOUR + [429]
        assert post(signed_in(app, world.alice), world, ZIP).status_code == 200

    def test_threads_are_left_for_pages(self, alice, world):
        held = [views._lines.acquire(blocking=False) for _ in range(views.MOST_AT_ONCE)]

        refused = post(alice, world, ZIP)
        for _ in held:
            views._lines.release()

        assert all(held)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert post(alice, world, ZIP).status_code == 200

    def test_refusals_keep_no_place(self, alice, world):
        running = post(alice, world, ZIP, buffered=False)
        for _ in range(views.MOST_AT_ONCE * 2):
            post(alice, world, ZIP)
        running.close()

        assert post(alice, world, ZIP).status_code == 200


class TestCsv:
    def test_d25_requests_are_listed_with_their_zone(self, alice, world):
        answer = post(alice, world, CSV)

        assert answer.data.startswith(b"\xef\xbb\xbf")
        (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
        assert line["time_zone"] == "America/Los_Angeles"
        assert line["received_at"] == "2026-11-21T10:00:00-08:00"
        assert (line["respond_by"], line["completed_at"]) == ("2027-01-05", "")
        assert line["updated_at"] == "2026-11-21T10:00:04-08:00"

    def test_d25_many_requests_are_read_a_piece_at_a_time(
        self, alice, world, services, monkeypatch
    ):
        monkeypatch.setattr(request_files, "BATCH", 3)
        with services.sessions.begin() as session:
            for _ in range(7):
                make_message(session, world.acme_code)

        text = post(alice, world, CSV).data.decode("utf-8-sig")

        references = [line["reference"] for line in csv.DictReader(io.StringIO(text))]
        assert len(references) == len(set(references)) == 8

    @pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
    def test_f7_nothing_is_a_formula(self, alice, world, services, name):
        with services.sessions.begin() as session:
            row = Requester(business_id=world.acme.id, request_id=world.request.id, name=name)
            session.add(row)

        text = post(alice, world, CSV).data.decode("utf-8-sig")

        (line,) = csv.DictReader(io.StringIO(text, newline=""))
        assert line["name"] == f"'{name}"

    def test_who_took_the_list_is_proven(self, alice, world, services):
        post(alice, world, CSV)

        (entry,) = entries(services, Action.REQUESTS_EXPORTED)
        assert (entry.actor_id, entry.facts) == (world.alice.id, '{"count":1,"form":"csv"}')

    def test_requests_of_others_are_not_listed(self, charlie, world, services):
        with services.sessions() as session:
            reference = session.get_one(PrivacyRequest, world.request.id).reference
        inbox = f"/businesses/{world.bolt.id}/requests"
        token = csrf_token(charlie, f"{inbox}/downloads")

        answer = charlie.post(inbox + CSV, data={"csrf_token": token, "status": "all"})

        assert reference[:3] not in answer.text.splitlines()[1]
        assert post(charlie, world, CSV, token=token).status_code == 404


TYPES = {"/downloads": "text/html", ZIP: "application/zip", CSV: "text/csv"}


class TestMany:
    """Whoever takes much at once proves first that they are there."""

    @pytest.fixture(autouse=True)
    def left_alone(self, alice, world, services, clock, monkeypatch):
        with services.sessions.begin() as session:
            make_message(session, world.acme_code, services.store)
        monkeypatch.setattr(downloads, "MANY", 1)
        clock.wait(CONFIRMED_FOR)

    @pytest.mark.parametrize("tail", [ZIP, CSV])
    def test_all_that_a_list_shows_is_asked_about_and_comes_back(
        self, alice, world, services, tail
    ):
        answer = post(alice, world, tail, status="all", order="newest")

        back = f"{world.inbox}/downloads?status=all&order=newest"
        assert (answer.status_code, unquote(answer.location)) == (303, f"/confirm?next={back}")
        assert not entries(services, Action.REQUESTS_EXPORTED, Action.VOICEMAILS_DOWNLOADED)

    @pytest.mark.parametrize("tail", ["/downloads", ZIP, CSV])
    def test_choice_of_hundreds_is_kept_until_it_is_proven(self, alice, world, services, tail):
        with services.sessions() as session:
            ids = [each.hex for each in session.scalars(select(PrivacyRequest.id))]
        ids += [uuid4().hex for _ in range(700)]

        answer = post(alice, world, tail, ids=ids, list="status=all&evil=//evil")

        kept = hidden_fields(answer.text)
        back = f"/confirm?next={world.inbox}?status=all&order=deadline"
        assert (answer.status_code, answer.mimetype) == (403, "text/html")
        assert back in unquote(unescape(answer.text))
        assert [value for name, value in kept if name == "ids"] == ids
        assert not entries(services, Action.REQUESTS_EXPORTED, Action.VOICEMAILS_DOWNLOADED)
        assert alice.post(world.inbox + tail, data=MultiDict(kept)).status_code == 403
        prove(alice)
        again = alice.post(world.inbox + tail, data=MultiDict(kept), buffered=True)
        assert again.status_code == 200
        assert again.mimetype == TYPES[tail]

    @pytest.mark.parametrize("tail", ["/downloads", ZIP, CSV])
    def test_few_are_not_asked_about(self, alice, world, tail):
        assert post(alice, world, tail, ids=[world.request.id]).status_code == 200

    def test_who_proved_it_is_not_asked(self, alice, world):
        prove(alice)

        assert post(alice, world, ZIP, status="all").status_code == 200
        assert post(alice, world, CSV, status="all").status_code == 200


def post(client, world, tail, *, buffered=True, token=None, **fields):
    token = token or csrf_token(client, world.inbox)
    data = {"csrf_token": token, **fields}
    return client.post(world.inbox + tail, data=data, buffered=buffered)


def opened(answer):
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.response)))


def lines_of(archive, name):
    text = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def grouped(world):
    reference = world.request.reference
    return f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"


def entries(services, *actions):
    query = select(AuditEntry).where(AuditEntry.action.in_([action.value for action in actions]))
    with services.sessions() as session:
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def viewer_of(app, world, services):
    with services.sessions.begin() as session:
        dana = make_user(session, "Dana Diaz")
        make_member(session, session.merge(world.acme), dana, Role.VIEWER)
    return signed_in(app, dana)
