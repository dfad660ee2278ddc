from __future__ import annotations

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import AT, make_business, unknown_id
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from staff import statements

from voiceline import audit
from voiceline.audit import OPERATOR, SYSTEM, Action, Deed, Subject
from voiceline.audit import trail as appending
from voiceline.audit.checking import line_of
from voiceline.models import AuditChain, AuditEntry, AuditName

WRITERS, EACH = 2, 20


class TestWriting:
    def test_entries_count_from_one_without_a_gap(self, trail):
        trail.grow(3)

        assert [entry.sequence for entry in trail.entries()] == [1, 2, 3]

    def test_each_entry_holds_the_hash_of_the_one_before(self, trail):
        trail.grow(3)

        entries = trail.entries()

        before = ["0" * 64, *(entry.entry_hash for entry in entries)]
        assert [entry.previous_hash for entry in entries] == before[:3]

    def test_head_of_the_chain_is_the_newest_entry(self, trail):
        trail.grow(2)

        with trail.services.sessions() as session:
            head = session.get_one(AuditChain, trail.acme.id)
        assert (head.sequence, head.entry_hash) == (2, trail.entries()[-1].entry_hash)

    def test_writing_costs_two_statements(self, trail):
        trail.grow(1)

        with (
            trail.services.sessions.begin() as session,
            statements(trail.services.engine) as asked,
        ):
            audit.write(session, trail.deed())

        assert len(asked) == 2, "\n".join(asked)

    def test_further_deeds_cost_no_further_statement(self, trail):
        trail.grow(1)
        filed = replace(trail.deed(), by=SYSTEM)

        with (
            trail.services.sessions.begin() as session,
            statements(trail.services.engine) as asked,
        ):
            last = audit.write(session, trail.deed(), filed)

        _, alices, systems = trail.entries()
        assert (last, len(asked)) == (3, 2), "\n".join(asked)
        assert (alices.actor_name is None, systems.actor_name) == (False, None)
        assert trail.check().fault is None

    @pytest.mark.only("postgresql")
    def test_process_that_hangs_before_its_commit_lets_go_of_the_chain(self, trail):
        with trail.services.sessions() as session:
            session.execute(text("set local idle_in_transaction_session_timeout = 200"))
            audit.write(session, trail.deed(), trail.deed())
            time.sleep(1)

            with pytest.raises(DBAPIError):
                session.execute(text("select 1"))

    def test_deeds_of_two_businesses_are_not_written_together(self, trail, session):
        deed = trail.deed()
        other = replace(deed, business_id=unknown_id())

        with pytest.raises(ValueError, match="two businesses"):
            audit.write(session, deed, other)

        assert trail.entries() == []

    def test_trails_of_several_are_always_locked_in_the_same_order(
        self, trail, session, monkeypatch
    ):
        deeds = [replace(trail.deed(), business_id=unknown_id()) for _ in range(3)]
        locked = []
        monkeypatch.setattr(appending, "write", lambda _, deed: locked.append(deed.business_id))

        for order in (deeds, deeds[::-1]):
            audit.write_each(session, *order)

        assert locked == 2 * sorted(deed.business_id for deed in deeds)

    def test_first_entry_of_a_business_costs_no_more(self, trail, session):
        bolt = make_business(session, "Bolt Bikes")
        deed = Deed(bolt.id, Action.BUSINESS_SUSPENDED, OPERATOR, AT, audit.about(bolt))

        with statements(trail.services.engine) as asked:
            audit.write(session, deed)

        assert len(asked) == 2, "\n".join(asked)

    def test_chains_of_businesses_know_nothing_of_each_other(self, trail, session):
        trail.grow(2)
        bolt = make_business(session, "Bolt Bikes")

        deed = Deed(bolt.id, Action.BUSINESS_RESUMED, SYSTEM, AT, audit.about(bolt))

        assert audit.write(session, deed) == 1

    def test_deed_that_is_rolled_back_leaves_no_entry(self, trail):
        with trail.services.sessions() as session:
            audit.write(session, trail.deed())
            session.rollback()
        trail.grow(1)

        assert [entry.sequence for entry in trail.entries()] == [1]

    def test_unknown_business_is_refused(self, session):
        nobody = unknown_id()

        deed = Deed(nobody, Action.BUSINESS_RESUMED, SYSTEM, AT, Subject("business", nobody))

        with pytest.raises(ValueError, match="no such business"):
            audit.write(session, deed)

    def test_two_writers_at_once_follow_one_another(self, trail):
        gate = threading.Barrier(WRITERS)
        deeds = [[trail.deed() for _ in range(EACH)] for _ in range(WRITERS)]

        def write(own):
            gate.wait()
            for deed in own:
                with trail.services.sessions.begin() as session:
                    audit.write(session, deed)

        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(write, deeds))

        assert len(trail.entries()) == WRITERS * EACH
        assert trail.check().fault is None


class TestOnce:
    def test_same_deed_within_a_sitting_is_one_entry(self, trail):
        with trail.services.sessions.begin() as session:
            wrote = [audit.write_once(session, trail.deed()) for _ in range(4)]

        assert wrote == [True, False, False, False]

    def test_sitting_ends_after_five_minutes(self, trail):
        with trail.services.sessions.begin() as session:
            first = audit.write_once(session, trail.deed())
            trail.minutes += 4
            second = audit.write_once(session, trail.deed())

        assert (first, second) == (True, True)

    def test_another_deed_or_person_is_another_entry(self, trail):
        others = [
            trail.deed(),
            trail.deed(Action.VOICEMAIL_DOWNLOADED),
            Deed(trail.acme.id, Action.VOICEMAIL_LISTENED, SYSTEM, AT, trail.deed().subject),
        ]

        with trail.services.sessions.begin() as session:
            wrote = [audit.write_once(session, deed) for deed in others]

        assert wrote == [True, True, True]

    def test_pieces_asked_for_at_once_are_one_entry(self, trail):
        deed = trail.deed()

        def write(_):
            with trail.services.sessions.begin() as session:
                return audit.write_once(session, deed)

        with ThreadPoolExecutor(4) as pool:
            wrote = list(pool.map(write, range(8)))

        assert wrote.count(True) == 1
        assert len(trail.entries()) == 1


class TestContents:
    def test_line_can_be_hashed_by_anybody(self, trail):
        trail.grow(2)
        entry = trail.entries()[1]

        line = line_of(entry)

        assert hashlib.sha256(line.encode()).hexdigest() == entry.entry_hash
        assert json.loads(line) == {
            "action": "voicemail.listened",
            "actor": {"id": str(trail.alice.id), "kind": "staff", "name": entry.actor_name},
            "at": "2026-11-21T18:02:00.000000Z",
            "business": str(trail.acme.id),
            "facts": {},
            "form": 1,
            "previous": entry.previous_hash,
            "request": str(trail.request.id),
            "sequence": 2,
            "subject": {"id": str(trail.voicemail.id), "kind": "voicemail"},
        }

    def test_no_entry_holds_a_name(self, trail):
        trail.grow(1)

        line = line_of(trail.entries()[0])

        assert "Alice" not in line
        assert "Abbott" not in line

    def test_name_stays_as_it_was(self, trail):
        trail.grow(1)
        trail.alice.name = "Alice Atkins"
        trail.grow(1)

        digests = [entry.actor_name for entry in trail.entries()]

        with trail.services.sessions() as session:
            names = dict(session.execute(select(AuditName.digest, AuditName.name)).all())
        assert [names[digest] for digest in digests] == ["Alice Abbott", "Alice Atkins"]

    def test_name_is_kept_once(self, trail):
        trail.grow(3)

        with trail.services.sessions.begin() as session:
            first = audit.keep_name(session, audit.staff(trail.alice))
            second = audit.keep_name(session, audit.staff(trail.alice))

        assert first == second == trail.entries()[0].actor_name

    def test_erased_names_leave_the_chain_whole(self, trail):
        trail.grow(3)

        with trail.services.sessions.begin() as session:
            session.execute(delete(AuditName))

        assert trail.check().fault is None

    @pytest.mark.parametrize(
        "facts",
        [
            {"reason": "x"},
            {"to": "please delete my data"},
            {"to": "Zoë"},
            {"to": "a@example.com"},
            {"to": ""},
            {"voicemails": 2**60},
            {"voicemails": 0.5},
            {"to": ["enterprise"]},
        ],
        ids=str,
    )
    def test_facts_that_could_be_words_are_refused(self, trail, facts):
        with pytest.raises((ValueError, TypeError)):
            trail.deed(Action.BUSINESS_TIER_CHANGED, **facts)

    def test_facts_are_kept_as_they_were_hashed(self, trail):
        facts = {"voicemails": 3, "from": "trial", "to": "enterprise"}
        with trail.services.sessions.begin() as session:
            audit.write(session, trail.deed(Action.BUSINESS_TIER_CHANGED, **facts))

        (entry,) = trail.entries()

        assert entry.facts == '{"from":"trial","to":"enterprise","voicemails":3}'
        assert trail.check().fault is None


def test_every_action_says_which_facts_it_takes():
    assert set(audit.deeds.FACTS) == set(Action)


def test_a_sitting_is_five_minutes():
    assert timedelta(minutes=5) == audit.SITTING


def test_trail_outlives_what_it_is_about(trail, session):
    trail.grow(1)

    columns = {key.parent.name for key in AuditEntry.__table__.foreign_keys}

    assert columns == {"business_id"}
