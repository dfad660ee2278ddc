"""What people and programs fill in: each case of the bad-input matrix carries its number (F1-F30).

F7 (formulas in exports) is held where tables are exported, F29 in test_framing.py, F30 in
test_status.py.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from visitors import WISH, complaints, reference_in, token_in
from werkzeug.datastructures import MultiDict

from voiceline.models import (
    Delivery,
    DeliveryKind,
    PrivacyRequest,
    Requester,
    Suspicion,
    WebSubmission,
)
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.rights import Right
from voiceline.rules.standings import STANDINGS, Standing

INVISIBLE = ["   ", "\u200b\u200b", "\u202e", "\u2060", "\ufeff\u200d"]
NAMES = [
    *("O\u2019Brien-Smith", "Sukarno", "\u738b\u5c0f\u660e", "Jos\u00e9 \u00d1and\u00fa"),
    *("\U0001f31e", "X \u00c6 A-12"),
]
CODE_LIKE = ["<script>alert(1)</script>", "{{7*7}}", "${7*7}", "%n%s", "'; drop table requester;--"]
BAD_EMAILS = ["maria", "a@@b.example", "a@b.example.", '"a b"@c.example', "a" * 320 + "@b.example"]
BAD_PHONES = ["555-0123", "555", "415 555 0123 x5", "call me"]


def test_f1_empty_form_says_what_is_missing(public, filed):
    answer = public.send()

    assert answer.status_code == 400
    assert complaints(answer) == [
        "Choose at least one thing you ask for.",
        "Choose for whom you ask.",
    ]
    assert 'class="summary" role="alert" tabindex="-1" autofocus' in answer.text
    assert filed() == []


def test_f2_endless_name_is_refused_and_kept(public):
    answer = public.ask(name="n" * 10_000)

    assert answer.status_code == 400
    assert complaints(answer) == ["Write a name of at most 200 characters."]
    assert "n" * 10_000 in answer.text


@pytest.mark.parametrize("name", INVISIBLE[1:])
def test_f3_name_that_cannot_be_seen_is_refused(public, name):
    answer = public.ask(name=f"{name}\u200b")

    assert complaints(answer) == ["Write a name with letters, or leave it empty."]


def test_f3_spaces_are_no_name(public, requester):
    public.receipt(name="   ")

    assert requester().name is None


def test_f3_text_is_composed_and_keeps_its_direction(public, requester):
    public.receipt(name="Jose\u0301 \u202eevil\u202c  Lo\u0301pez")

    assert requester().name == "Jos\u00e9 evil L\u00f3pez"


@pytest.mark.parametrize("name", NAMES)
def test_f4_names_of_all_kinds_are_taken(public, requester, name):
    public.receipt(name=name)

    assert requester().name == name


@pytest.mark.parametrize("text", CODE_LIKE)
def test_f5_f6_code_is_text(public, requester, text):
    wrong = public.ask(name=text, details=text, email="x")

    public.receipt(name=text, details=text)

    assert "<script>" not in wrong.text
    assert "49" not in complaints(wrong)[0]
    assert (requester().name, requester().details) == (text, text)


@pytest.mark.parametrize("email", BAD_EMAILS)
def test_f8_what_is_no_address_is_refused(public, filed, email):
    answer = public.ask(email=email)

    assert answer.status_code == 400
    assert complaints(answer)[0].startswith("Write an e-mail address such as maria@example.com")
    assert filed() == []


@pytest.mark.parametrize("email", ["a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nhello"])
def test_f8_address_brings_no_header_of_its_own(public, filed, email):
    answer = public.ask(email=email)

    assert answer.status_code == 400
    assert filed() == []


def test_f8_foreign_domain_and_plus_are_taken(public, requester):
    public.receipt(email="Maria+privacy@b\u00fccher.example")

    assert requester().email == "maria+privacy@xn--bcher-kva.example"


@pytest.mark.parametrize("phone", BAD_PHONES)
def test_f9_what_is_no_number_is_refused(public, phone):
    answer = public.ask(phone=phone)

    assert complaints(answer)[0].startswith("Write a phone number with its area code")


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1-800-FLOWERS", "+18003569377"), ("+44 20 7946 0018", "+442079460018"), ("", None)],
)
def test_f9_numbers_of_all_kinds_are_taken(public, requester, typed, read):
    public.receipt(phone=typed)

    assert requester().phone == read


def test_f10_without_contact_an_opt_out_is_filed_with_a_warning(public, filed):
    page = public.receipt(rights=["opt_out", "limit"], name="", email="", phone="", details="")

    assert len(filed()) == 1
    assert "You gave no way to reach you" in page.text


def test_f10_without_contact_a_copy_is_asked_for_twice(public, filed):
    first = public.ask(email="", phone="")

    token = token_in(first.text)
    second = public.send(token, **WISH | {"email": "", "phone": "", "without_contact": "yes"})

    assert complaints(first)[0].startswith("Give an e-mail address or a phone number")
    assert 'name="without_contact"' in first.text
    assert second.status_code == 303
    assert len(filed()) == 1


@pytest.mark.parametrize("right", ["DELETE", "status", "switch_purpose", "0", "delete "])
def test_f11_right_that_does_not_exist_is_refused(public, filed, right):
    answer = public.ask(rights=["opt_out", right])

    assert answer.status_code == 400
    assert complaints(answer) == ["One of the choices does not exist. Choose from the list."]
    assert filed() == []


def test_f12_fields_that_are_not_ours_change_nothing(public, world, filed):
    public.receipt(
        business_id=str(world.bolt.id),
        status="completed",
        respond_by="2030-01-01",
        received_at="2020-01-01",
        reference="123456782",
        email_confirmed_at="2026-01-01",
    )

    (request,) = filed()
    assert (request.business_id, request.status) == (world.acme.id, RequestStatus.ACKNOWLEDGED)
    assert (str(request.respond_by), request.reference != "123456782") == ("2027-01-05", True)
    assert request.requester.email_confirmed_at is None


def test_f13_nobody_is_asked_for_a_date_of_birth(public):
    page = public.client.get("/4021").text

    assert not [word for word in ("birth", 'type="date"', "bday", "ssn") if word in page]


def test_f14_machine_is_told_a_reference_and_filed_apart(public, services, filed):
    page = public.receipt(website="https://spam.example")

    (request,) = filed()
    assert reference_in(page.text) == request.reference
    assert request.status == RequestStatus.RECEIVED
    with services.sessions() as session:
        submission = session.scalars(select(WebSubmission)).one()
        kinds = set(session.scalars(select(Delivery.kind)))
    assert submission.suspected_because == Suspicion.HIDDEN_FIELD
    assert [event.facts for event in request.events] == [{"suspected_because": "hidden_field"}]
    assert kinds == {DeliveryKind.REQUEST_FILED}


def test_f15_too_quick_is_asked_again_and_not_lost(public, filed):
    token = public.token()

    quick = public.send(token, **WISH)
    public.clock.wait(timedelta(seconds=3))
    again = public.send(token_in(quick.text), **WISH)

    assert (quick.status_code, again.status_code) == (400, 303)
    assert "Order 88." in quick.text
    assert len(filed()) == 1


def test_f16_sent_twice_is_one_request(public, clock, filed, services):
    token = public.token()
    clock.wait(timedelta(seconds=30))

    places = {public.send(token, **WISH).headers["Location"] for _ in range(3)}
    clock.wait(timedelta(hours=20))
    places.add(public.send(token, **WISH).headers["Location"])

    assert len(places) == len(filed()) == 1
    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 3


def test_f16_sent_eight_times_at_once_is_one_request(public, clock, filed):
    token = public.token()
    clock.wait(timedelta(seconds=30))

    with ThreadPoolExecutor(8) as crowd:
        sent = list(crowd.map(lambda _: public.send(token, **WISH), range(8)))

    assert {answer.status_code for answer in sent} == {303}
    assert len({answer.headers["Location"] for answer in sent}) == len(filed()) == 1


def test_f16_corrected_after_going_back_is_another(public, clock, filed):
    token = public.token()
    clock.wait(timedelta(seconds=30))

    public.send(token, **WISH)
    public.send(token, **WISH | {"email": "maria.lopez@example.com"})

    assert {one.requester.email for one in filed()} == {WISH["email"], "maria.lopez@example.com"}


def test_f17_stale_form_keeps_what_was_typed(public, clock, filed):
    token = public.token()
    clock.wait(timedelta(hours=9))

    stale = public.send(token, **WISH)
    clock.wait(timedelta(seconds=5))
    again = public.send(token_in(stale.text), **WISH)

    assert (stale.status_code, again.status_code) == (400, 303)
    assert complaints(stale)[0].startswith("This page was open for a long time.")
    for typed in ("Mar\u00eda L\u00f3pez", "maria@example.com", "415 555 0123", "Order 88."):
        assert typed in stale.text
    assert len(filed()) == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 22 + ".1." + "0" * 64, "\u0664" * 90])
def test_f17_form_that_is_not_ours_is_shown_again(public, filed, token):
    answer = public.send(token or "none", **WISH)

    assert answer.status_code == 400
    assert "Order 88." in answer.text
    assert token_in(answer.text) not in {token, ""}
    assert filed() == []


def test_f17_form_of_another_business_is_not_taken(public, filed):
    token = public.token()
    public.clock.wait(timedelta(seconds=30))
    public.path = "/5077"

    answer = public.send(token, **WISH)

    assert answer.status_code == 400
    assert filed() == []


def test_f18_nothing_needs_a_cookie_or_a_script(public):
    pages = [public.client.get("/4021"), public.receipt(), public.client.get("/status")]

    assert not [page for page in pages if "Set-Cookie" in page.headers or "<script" in page.text]


def test_f19_too_many_are_told_to_call_and_keep_their_text(public, filed):
    for number in range(50):
        assert public.ask(details=f"Order {number}.").status_code == 303

    answer = public.ask(details="Order 51.")

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert "Order 51." in answer.text
    assert "800 555 0100 and key 4021" in answer.text
    assert len(filed()) == 50


@pytest.mark.parametrize("code", ["9999", "5078", "6001", "402", "abc", "%00", "1%2f2", "4021%20"])
def test_f20_codes_that_answer_nobody_look_alike(public, code):
    answer, unknown = public.client.get(f"/{code}"), public.client.get("/3999")

    assert answer.status_code == 404
    assert answer.data == unknown.data
    assert 'name="code"' in answer.text


@pytest.mark.parametrize("code", ["9999", "5078", "6001"])
def test_f20_nothing_is_filed_under_such_a_code(public, filed, code):
    public.path = f"/{code}"

    answer = public.send("none", **WISH)

    assert answer.status_code == 404
    assert filed() == []


def test_f21_endless_message_is_refused_kindly(public):
    answer = public.ask(details="a" * 1_000_000)

    assert answer.status_code == 413
    assert "That is too much" in answer.text


def test_f21_long_message_is_kept_and_counted(public):
    answer = public.ask(details="a" * 5001)

    assert complaints(answer) == ["Write at most 5000 characters here; you wrote 5001."]
    assert "a" * 5001 in answer.text


def test_f22_files_are_refused(public, filed):
    answer = public.ask(photo=(io.BytesIO(b"GIF89a"), "id.gif"))

    assert answer.status_code == 400
    assert complaints(answer)[0].startswith("Files cannot be sent")
    assert filed() == []


@pytest.mark.parametrize("language", ["../../", "fr", "", "es\x00", "EN", "es&lang=en"])
def test_f23_language_that_is_none_is_the_default(public, language):
    answer = public.client.get("/4021", query_string={"lang": language})

    assert '<html lang="en">' in answer.text


def test_f24_other_encoding_is_asked_for_again(public, filed):
    token = public.token()
    public.clock.wait(timedelta(seconds=30))
    body = f"token={token}&rights=delete&standing=self&email=m%40example.com&name=Mar%EDa"

    answer = public.client.post(
        "/4021", data=body, content_type="application/x-www-form-urlencoded; charset=latin-1"
    )

    assert answer.status_code == 400
    assert complaints(answer)[0].startswith("Some characters could not be read")
    assert filed() == []


@pytest.mark.parametrize("name", ["email", "standing", "residence", "token"])
def test_f25_field_that_comes_twice_is_refused(public, filed, name):
    token = public.token()
    public.clock.wait(timedelta(seconds=30))
    fields = MultiDict({**WISH, "token": token})
    fields.add(name, "other@example.com")

    answer = public.client.post("/4021", data=fields)

    assert answer.status_code == 400
    assert complaints(answer)[0].startswith("A field came twice")
    assert filed() == []


@pytest.mark.parametrize("text", ["%00", "a%00b", "%ED%A0%80", "%C3%28", "%FF"])
@pytest.mark.parametrize("name", ["name", "details", "email", "rights", "residence", "standing"])
def test_f26_what_is_no_text_is_refused(public, filed, name, text):
    token = public.token()
    public.clock.wait(timedelta(seconds=30))
    fields = {"token": token, "rights": "delete", "standing": "self", "email": "m@example.com"}
    body = "&".join(f"{key}={value}" for key, value in (fields | {name: text}).items())

    answer = public.client.post(
        "/4021", data=body, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 400
    assert filed() == []


def test_f27_agent_without_proof_is_filed_as_one(public, filed):
    public.receipt(standing="agent", consumer_name="Ana Mora")

    (request,) = filed()
    assert (request.standing, request.requester.consumer_name) == (Standing.AGENT, "Ana Mora")


def test_f27_agent_says_for_whom(public):
    answer = public.ask(standing="agent")

    assert complaints(answer) == ["Write the name of the person you ask for."]


def test_f28_request_for_a_child_waits_for_somebody_trained(public, filed):
    public.receipt(standing="parent", consumer_name="Ana L\u00f3pez")

    (request,) = filed()
    assert request.standing == Standing.PARENT
    assert STANDINGS[request.standing].needs_trained_person


def test_residence_that_is_none_is_refused(public):
    answer = public.ask(residence="US-ZZ")

    assert complaints(answer)[0].startswith("Choose a place from the list")


def test_something_else_is_said_in_words(public, filed):
    answer = public.ask(rights=["other"], details=" ")

    filed_page = public.receipt(rights=["other"], details="You keep calling me.")

    assert complaints(answer) == ["Say what you ask for."]
    assert filed_page.status_code == 200
    assert [right.right for one in filed() for right in one.rights] == [Right.OTHER]


@pytest.fixture
def filed(services):
    """Answer the requests there are, with who asks and for what."""

    def filed() -> list[PrivacyRequest]:
        with services.sessions() as session:
            found = list(session.scalars(select(PrivacyRequest)))
            for one in found:
                assert one.requester is not None
                assert one.rights
                assert one.events
            return found

    return filed


@pytest.fixture
def requester(services):
    """Answer the only one who asked."""

    def requester() -> Requester:
        with services.sessions() as session:
            return session.scalars(select(Requester)).one()

    return requester
