"""What the service says it holds is what its tables hold, and who asks is told all of it."""

from __future__ import annotations

import pytest
from factories import (
    make_business,
    make_call,
    make_code,
    make_member,
    make_message,
    make_request,
    make_user,
    make_voicemail,
)

from voiceline.data_map import NOBODY, Person, count_about, read_map, read_person, write_answer
from voiceline.errors import UserError
from voiceline.models import Invitation, Requester, Role
from voiceline.models.base import Base

ASKS = "+14155550123"
SEVEN = {"web_log", "registration", "payment", "usage", "content", "consumers", "marketing"}
VENDORS = {"Amazon", "Google", "Twilio", "NameCheap", "Heroku", "EasyWP", "MailChimp", "PaperTrail"}
HELD = {held.table: held for held in read_map().tables}


class TestTheMap:
    def test_l82_to_l103_it_has_the_seven_categories_and_every_vendor(self):
        found = read_map()

        assert set(found.categories) == SEVEN | {NOBODY}
        assert set(found.vendors) >= VENDORS
        assert {place.vendor for place in found.places} <= set(found.vendors) | {""}

    @pytest.mark.parametrize("table", sorted(Base.metadata.tables))
    def test_every_column_of_a_table_is_in_it_once(self, table):
        columns = set(Base.metadata.tables[table].columns.keys())

        assert HELD[table].personal | HELD[table].other == columns
        assert not HELD[table].personal & HELD[table].other

    def test_no_table_is_in_it_that_is_not_there(self):
        assert set(HELD) == set(Base.metadata.tables)

    @pytest.mark.parametrize("table", sorted(HELD))
    def test_each_names_its_category_reason_and_period(self, table):
        held, found = HELD[table], read_map()

        assert held.category in found.categories
        assert held.kept in found.periods
        assert held.why
        assert (held.category == NOBODY) <= (not held.personal)
        assert {*held.addresses, *held.numbers} <= held.personal

    def test_what_is_found_by_a_person_or_their_request_says_so(self):
        """A reference to a user, and an address or number, is a way to find a person by."""
        people = {"user", "voicemail", "call", "privacy_request"}
        unreachable = [
            name
            for name, held in HELD.items()
            if held.personal
            and not (held.users or held.addresses or held.numbers)
            and not {"request_id", "call_id", "voicemail_id", "note_id"} & held.other
            and name not in people
        ]

        # by a hash of whom, and the sound that a business chose
        assert sorted(unreachable) == ["allowance", "greeting_audio"]


class TestWhoAsks:
    @pytest.mark.parametrize(
        ("text", "person"),
        [
            (" Maria@Example.com ", Person(address="maria@example.com")),
            ("(415) 555-0123", Person(number=ASKS)),
        ],
    )
    def test_an_address_or_a_number_is_read_as_it_is_written(self, text, person):
        assert read_person(text) == person

    @pytest.mark.parametrize("text", ["", "Maria", "maria@", "12", "%", "' or 1=1 --"])
    def test_anything_else_is_asked_for_again(self, text):
        with pytest.raises(UserError, match="Write an e-mail address or a phone number"):
            read_person(text)


class TestACaller:
    def test_all_of_their_call_counts_with_every_business(self, session, services):
        for name in ("Acme Shoes", "Charlie's Chairs"):
            make_message(session, make_code(session, make_business(session, name)), services.store)

        counts = _counts(session, Person(number=ASKS))

        assert counts == {
            "call": 2,
            "privacy_request": 2,
            "request_event": 2,
            "requested_right": 2,
            "transcript": 2,
            "voicemail": 2,
        }

    def test_a_call_that_was_never_filed_counts(self, session):
        call = make_call(session, make_code(session, make_business(session)))
        make_voicemail(session, call)

        assert _counts(session, Person(number=ASKS)) == {"call": 1, "voicemail": 1}

    def test_nothing_of_another_caller_or_a_hidden_one_counts(self, session):
        code = make_code(session, make_business(session))
        make_request(session, code, call=make_call(session, code, caller_id="+14155550199"))
        make_request(session, code, call=make_call(session, code, caller_id=None))

        assert _counts(session, Person(number=ASKS)) == {}
        assert _counts(session, Person(address="maria@example.com")) == {}

    def test_who_wrote_their_number_or_address_on_the_form_is_found(self, session):
        code = make_code(session, make_business(session))
        request = make_request(session, code)
        session.add(
            Requester(
                business_id=code.business_id,
                request_id=request.id,
                email="Maria@Example.com",
                phone="+14155550777",
            )
        )
        session.flush()

        by_number = _counts(session, Person(number="+14155550777"))

        assert by_number == _counts(session, Person(address="maria@example.com"))
        assert by_number["requester"] == 1
        assert by_number["privacy_request"] == 1


class TestAColleague:
    def test_who_signs_in_is_found_by_their_address(self, session):
        business = make_business(session)
        make_member(session, business, make_user(session, "Bob Baker"), Role.VIEWER)
        make_user(session, "Alice Abbott")

        assert _counts(session, Person(address="bob@example.com")) == {"membership": 1, "user": 1}

    def test_who_was_only_invited_is_found(self, session):
        business = make_business(session)
        alice = make_user(session)
        session.add(
            Invitation(
                business_id=business.id,
                email="bob@example.com",
                role=Role.VIEWER,
                token_sha256="0" * 64,
                invited_by=alice.id,
                invited_at=business.opened_at,
                sent_at=business.opened_at,
                expires_at=business.opened_at,
            )
        )
        session.flush()

        assert _counts(session, Person(address="bob@example.com")) == {"invitation": 1}


class TestTheAnswer:
    def test_in_general_each_category_says_what_and_until_when(self):
        text = "\n".join(write_answer())

        assert "who called when, for which business, and what they keyed: kept with the" in text
        assert "None is kept: the service takes no payments." in text
        assert "Twilio: carries the calls" in text

    def test_of_a_person_of_whom_nothing_is_held_it_says_so_by_category(self):
        text = "\n".join(write_answer([]))

        assert text.count("No row.") == len(SEVEN) - len(read_map().answers)
        assert " x " not in text

    def test_of_a_person_it_counts_and_names_no_business(self, session):
        make_message(session, make_code(session, make_business(session)))

        text = "\n".join(write_answer(count_about(session, Person(number=ASKS))))

        assert "1 x who called when" in text
        assert "Acme" not in text
        assert ASKS not in text


def _counts(session, person):
    return {held.table: count for held, count in count_about(session, person)}
