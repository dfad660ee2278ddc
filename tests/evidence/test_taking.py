"""What is in a pack: all there is of a request, and of what there is not, that it is not."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tracemalloc
import zipfile
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from documents import CSV, PDF
from factories import AT, make_call, make_request, make_voicemail, tone
from sqlalchemy import select, text, update

from voiceline.audit.encoding import sha256
from voiceline.audit.keys import SigningKey
from voiceline.errors import TemporaryFailure, UserError
from voiceline.evidence.checking import check_pack
from voiceline.evidence.taking import file_name
from voiceline.models import (
    AuditEntry,
    Channel,
    Delivery,
    DeliveryKind,
    EventKind,
    Letter,
    NoteAttachment,
    PrivacyRequest,
    Requester,
    RequestEvent,
    Voicemail,
)
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import VoicemailStatus

LATER = AT + timedelta(days=1)
DOCUMENTS = ["report.html", "request.json", "messages.json", "notes.json", "letters.json"]


def test_a_pack_has_everything(worked):
    files = unpack(worked.packed())

    assert list(files) == [
        *("manifest.json", "seal.json", *DOCUMENTS, "history.json"),
        *("audit/entries.jsonl", "audit/heads.jsonl", "audit/names.jsonl"),
        *("audio/message-1.wav", "attachments/file-1.pdf", "attachments/file-2.txt"),
    ]
    assert files["audio/message-1.wav"] == tone()
    assert files["attachments/file-1.pdf"] == PDF
    assert files["attachments/file-2.txt"] == CSV


def test_dates_come_with_rule_citation_and_both_readings(worked):
    (right,) = told(worked.packed(), "request")["rights"]

    dates = {due["clock"]: due for due in right["dates"]}
    respond = dates["respond"]
    assert respond["by"] == right["due_by"] == "2027-01-05"
    assert respond["rule_id"] == f"{respond['id']}@{respond['table_version']}"
    assert "Cal. Civ. Code" in respond["citation"] or "CCR" in respond["citation"]
    assert {"literal_by", "customary_by", "counted_from", "why"} <= respond.keys()
    assert respond["citation"] in respond["why"]
    assert dates.keys() == {"acknowledge", "respond", "extend"}


def test_every_draft_names_its_engine(worked):
    (message,) = told(worked.packed(), "messages")["messages"]

    assert [draft["text"] for draft in message["transcripts"]] == [
        "please delete my data",
        "a better draft",
    ]
    assert {(d["engine"], d["engine_version"]) for d in message["transcripts"]} == {
        ("pocketsphinx", "5")
    }
    assert message["file"] == "audio/message-1.wav"
    assert message["sha256"] == hashlib.sha256(tone()).hexdigest()


def test_notes_come_with_every_text_bound_to_the_trail(worked):
    files = unpack(worked.packed())
    (note,) = json.loads(files["notes.json"])["notes"]

    assert [each["text"] for each in note["texts"]] == ["Called back.", "Called twice."]
    assert [each["file"] for each in note["attachments"]] == [
        "attachments/file-1.pdf",
        "attachments/file-2.txt",
    ]
    digests = [sha256(f"{each['id']}\n{each['text']}") for each in note["texts"]]
    entries = [json.loads(line) for line in files["audit/entries.jsonl"].splitlines()]
    kept = [e["facts"]["digest"] for e in entries if e["action"].startswith("note.")]
    assert kept == digests
    hashes = [e["facts"]["sha256"] for e in entries if e["action"] == "attachment.added"]
    assert hashes == [hashlib.sha256(data).hexdigest() for data in (PDF, CSV)]


def test_requester_checks_mail_and_people_are_told(worked):
    with worked.services.sessions.begin() as session:
        found = worked.find(session)
        session.add(
            Requester(
                business_id=found.business_id,
                request_id=found.id,
                name="Jane Roe",
                details="<script>alert(1)</script>",
            )
        )
        session.add(mail_about(found))
    files = unpack(worked.packed())

    request = json.loads(files["request.json"])
    assert request["requester"]["name"] == "Jane Roe"
    assert request["identity_checks"][0]["points"] == ["email", "order_number"]
    assert request["people"] == {str(worked.alice.id): "Alice Abbott"}
    (delivery,) = json.loads(files["letters.json"])["deliveries"]
    assert delivery["address"] == "desk@acme.example"
    assert not {"facts", "key", "claim"} & delivery.keys()
    assert b"secret-token" not in b"".join(files.values())


def test_letters_are_told_as_they_were_sent(worked):
    with worked.services.sessions.begin() as session:
        found = worked.find(session)
        session.add(
            Letter(
                business_id=found.business_id,
                request_id=found.id,
                kind=LetterKind.ACKNOWLEDGEMENT,
                language="en",
                way=Way.POST,
                sent_on=LATER.date(),
                kept_at=LATER,
                kept_by_id=worked.alice.id,
                wording="2026-11",
                subject="We have your request",
                text="Dear Jane <Roe>",
                sha256=hashlib.sha256(b"We have your request\n\nDear Jane <Roe>").hexdigest(),
            )
        )
    files = unpack(worked.packed())

    (letter,) = json.loads(files["letters.json"])["letters"]
    assert (letter["text"], letter["way"]) == ("Dear Jane <Roe>", "post")
    page = files["report.html"].decode()
    assert "Dear Jane &lt;Roe&gt;" in page
    assert "2026-11-22, by Alice Abbott" in page


def test_the_trail_is_told_as_it_was_hashed(worked):
    files = unpack(worked.packed())
    lines = files["audit/entries.jsonl"].decode().splitlines()

    with worked.services.sessions() as session:
        query = select(AuditEntry.entry_hash).where(AuditEntry.request_id == worked.request.id)
        hashes = session.scalars(query.order_by(AuditEntry.sequence)).all()
    assert [sha256(line) for line in lines] == list(hashes)
    assert json.loads(lines[-1])["action"] == "request.exported"
    (name,) = [json.loads(line) for line in files["audit/names.jsonl"].splitlines()]
    assert name["name"] == "Alice Abbott"


def test_only_with_links_are_others_entries_in_it(worked):
    with worked.services.sessions.begin() as session:
        other = make_request(session, worked.code)
    worked.request, mine = other, worked.request
    worked.write("about somebody else", at=AT)
    worked.request = mine
    worked.write("mine again")

    plain, linked = unpack(worked.packed()), unpack(worked.packed(links=True))

    assert str(other.id).encode() not in b"".join(plain.values())
    chain = [json.loads(line) for line in linked["audit/chain.jsonl"].splitlines()]
    numbers = [entry["sequence"] for entry in chain]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert str(other.id) in {entry["request"] for entry in chain}


def test_a_signed_head_covers_what_lies_before_it(worked):
    finding = check_pack(io.BytesIO(worked.packed(links=True)), [worked.key.public])

    numbers = sorted(finding.excerpt.entries)
    assert finding.known_key
    assert finding.excerpt.heads_true == [numbers[-2]]
    assert finding.excerpt.covered == numbers[-2]


def test_a_head_of_another_key_is_counted_and_not_believed(worked, services):
    former = worked.key
    worked.key = SigningKey("33" * 32)
    data = worked.packed()

    unknown = check_pack(io.BytesIO(data))
    known = check_pack(io.BytesIO(data), [former.public, worked.key.public])

    assert (unknown.excerpt.heads_unknown, unknown.excerpt.covered) == (1, 0)
    assert (known.excerpt.heads_unknown, known.excerpt.covered > 0) == (0, True)


def test_taking_a_pack_is_proven_and_in_the_pack(worked):
    files = unpack(worked.packed())

    with worked.services.sessions() as session:
        proofs = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "request.exported")
        ).all()
        events = session.scalars(
            select(RequestEvent).where(RequestEvent.kind == EventKind.EXPORTED)
        ).all()
    assert (len(proofs), len(events)) == (1, 1)
    assert proofs[0].actor_id == worked.alice.id
    assert "exported" in {e["kind"] for e in json.loads(files["history.json"])["events"]}


def test_no_pack_is_made_on_a_broken_trail(worked):
    with worked.services.engine.begin() as connection:
        unlock_trail(connection)
        connection.execute(
            update(AuditEntry)
            .where(AuditEntry.action == "note.added")
            .values(facts='{"version":9}')
        )

    with pytest.raises(UserError, match=r"Entry \d+ of the audit trail is not what was written"):
        worked.pack()


def test_the_same_moment_makes_the_same_bytes(worked):
    pack = worked.pack()

    assert b"".join(pack.open()) == b"".join(pack.open())
    assert sum(map(len, pack.open())) == pack.size


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (VoicemailStatus.PENDING, "not stored yet"),
        (VoicemailStatus.FAILED, "could not be stored so far"),
        (VoicemailStatus.ABSENT, "The carrier kept none"),
        (VoicemailStatus.REPLACED, "recorded the message again"),
        (VoicemailStatus.ERASED, "It was erased"),
        (VoicemailStatus.EXPIRED, "has expired"),
    ],
)
def test_audio_that_is_not_there_is_accounted_for(worked, status, words):
    with worked.services.engine.begin() as connection:
        connection.execute(update(Voicemail).values(status=status))
    data = worked.packed()
    files = unpack(data)

    (message,) = json.loads(files["messages.json"])["messages"]
    assert check_pack(io.BytesIO(data))
    assert "audio/message-1.wav" not in files
    assert message["file"] is None
    assert words in message["why_no_file"]
    assert words in files["report.html"].decode()


def test_an_object_that_is_gone_is_said_in_its_place(worked):
    with worked.services.sessions() as session:
        keys = list(session.scalars(select(Voicemail.object_key)))
        keys += session.scalars(select(NoteAttachment.object_key))
    for key in keys:
        worked.services.store.delete(key)
    files = unpack(worked.packed())

    assert "does not have it" in files["audio/message-1.wav.missing.txt"].decode()
    assert "attachments/file-1.pdf.missing.txt" in files
    assert files["report.html"].decode().count("does not have it") == 3


def test_an_object_that_is_another_is_said_to_be(worked):
    with worked.services.sessions() as session:
        key = session.scalars(select(Voicemail.object_key)).one()
    worked.services.store.delete(key)
    worked.services.store.put(key, tone(1), content_type="audio/wav", tags={})
    files = unpack(worked.packed())

    (message,) = json.loads(files["messages.json"])["messages"]
    assert files["audio/message-1.wav"] == tone(1)
    assert "the hash is another" in message["altered"]
    assert "the hash is another" in files["report.html"].decode()


def test_a_store_that_is_away_makes_no_pack(worked, monkeypatch):
    def fail(*_):
        raise TemporaryFailure("away")

    monkeypatch.setattr(type(worked.services.store), "stream", fail)

    with pytest.raises(TemporaryFailure):
        worked.pack()


def test_a_file_that_changes_meanwhile_ends_the_download(worked):
    pack = worked.pack()
    with worked.services.sessions() as session:
        key = session.scalars(select(Voicemail.object_key)).one()
    worked.services.store.delete(key)
    worked.services.store.put(key, tone(2), content_type="audio/wav", tags={})

    with pytest.raises(TemporaryFailure, match="changed while it was sent"):
        b"".join(pack.open())


def test_every_take_of_a_call_is_in_it(worked):
    with worked.services.sessions.begin() as session:
        call = session.merge(worked.voicemail).call
        make_voicemail(
            session,
            call,
            store=worked.services.store,
            audio=tone(2),
            take=2,
            recorded_at=AT + timedelta(minutes=1),
        )
    files = unpack(worked.packed())

    assert files["audio/message-1.wav"] == tone()
    assert files["audio/message-2.wav"] == tone(2)


def test_a_request_in_writing_has_a_pack_too(office):
    with office.services.sessions.begin() as session:
        written = make_request(session, office.code)
        session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id == written.id)
            .values(channel=Channel.EMAIL)
        )
    office.request = written
    data = office.packed()

    assert check_pack(io.BytesIO(data)).excerpt.covered == 0
    assert "Nothing was recorded with this request." in unpack(data)["report.html"].decode()


def test_ten_minutes_of_audio_never_lie_in_memory(office):
    """Constant memory: neither what is held at once nor any piece grows with the audio."""
    ten_minutes = 600 * 16_000
    with office.services.sessions.begin() as session:
        session.execute(text("delete from transcript"))
        call = make_call(session, office.code)
        request = make_request(session, office.code, call=call)
        make_voicemail(session, call, store=office.services.store, audio=bytes(ten_minutes))
    office.request = request
    office.packed()  # whatever is loaded once, is loaded now

    tracemalloc.start()
    pack = office.pack()
    sizes = [len(piece) for piece in pack.open()]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(sizes) == pack.size > ten_minutes
    assert max(sizes) <= 256 * 1024
    assert most < 3 * 2**20


def test_the_report_needs_nothing_and_runs_nothing(worked):
    worked.write("</p><script>alert(1)</script><img src=x onerror=alert(1)>")
    page = unpack(worked.packed())["report.html"].decode()

    seen = Tags()
    seen.feed(page)
    assert not {"script", "img", "link", "iframe", "object", "form"} & seen.tags
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)
    assert "&lt;script&gt;alert(1)" in page
    assert seen.links == {
        "audio/message-1.wav",
        "attachments/file-1.pdf",
        "attachments/file-2.txt",
    }


def test_the_report_tells_it_in_the_businesss_time(worked):
    page = unpack(worked.packed())["report.html"].decode()

    for words in (
        "2026-11-21 10:00:00 PST",
        "Alice Abbott",
        "Called twice.",
        "please delete my data",
        "Respond by 2027-01-05",
        "matched: email, order_number",
        worked.key.id,
    ):
        assert words in page


def test_a_downloaded_pack_has_a_name_of_its_own(office):
    name = file_name(office.request, AT)

    assert re.fullmatch(r"VL-\d{3}-\d{3}-\d{3}_evidence_2026-11-21\.zip", name)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value for name, value in attrs if name in {"href", "src"}}


def unpack(data: bytes) -> dict[str, bytes]:
    check_pack(io.BytesIO(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def told(data: bytes, name: str):
    return json.loads(unpack(data)[f"{name}.json"])


def mail_about(request) -> Delivery:
    return Delivery(
        business_id=request.business_id,
        key=f"request_filed/{request.id}",
        request_id=request.id,
        kind=DeliveryKind.REQUEST_FILED,
        address="desk@acme.example",
        created_at=AT,
        facts={"token": "secret-token"},
    )


def unlock_trail(connection) -> None:
    """Do what only the owner of the tables can: let an entry be changed."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("select name from sqlite_master where type = 'trigger' and tbl_name='audit_entry'")
        )
        for (name,) in rows.all():
            connection.execute(text(f'drop trigger "{name}"'))
    else:
        connection.execute(text("set local session_replication_role = replica"))
