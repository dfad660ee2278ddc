"""What callers hear, as colleagues see it: who may, what is told, what comes back."""

from __future__ import annotations

import pytest
from factories import AT, make_business, make_code, make_member, make_user, tone
from sqlalchemy import select
from staff import csrf_token, signed_in, statements

from voiceline.audit import OPERATOR, staff
from voiceline.dashboard import create_app
from voiceline.greetings import newest_greeting, set_greeting, versions_of
from voiceline.models import Business, Greeting, Role
from webhooks.prompts import sentence


def test_a_new_business_is_told_what_its_callers_hear(alice, world, one):
    listed, page = alice.get(listing(world)), alice.get(one)

    assert "Nothing of yours yet" in listed.text
    assert "You can ask Acme Shoes what personal information" in page.text
    assert "None yet" in page.text


def test_text_is_live_at_once_and_says_who_wrote_it(alice, post, one, services, world):
    answer = post("text", text="  Welcome to Acme.\r\nSpeak freely.  ", seen="0")

    page = alice.get(answer.headers["Location"]).text
    assert answer.status_code == 303
    assert "Callers hear version 1 from now on" in page
    assert "Alice Abbott" in page
    with services.sessions() as session:
        assert (
            newest_greeting(session, world.acme_code, "en").text
            == "Welcome to Acme.\nSpeak freely."
        )


@pytest.mark.parametrize("text", ["", "   ", "\x00\u200b", "x" * 3001])
def test_text_that_is_none_or_too_long_is_shown_again(post, services, text):
    answer = post("text", text=text)

    assert answer.status_code == 400
    assert "1 to 3,000 characters" in answer.text
    assert text[:3000].strip("\x00") in answer.text
    with services.sessions() as session:
        assert not session.scalars(select(Greeting)).all()


def test_text_is_shown_and_never_run(alice, post, one):
    post("text", text="<script>alert(1)</script>{{7*7}}")

    page = alice.get(one).text

    assert "<script>alert" not in page
    assert "{{7*7}}" in page


def test_a_double_click_is_one_version(post, services):
    answers = [post("text", text="Welcome.", seen="0") for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with services.sessions() as session:
        assert [each.version for each in session.scalars(select(Greeting))] == [1]


def test_two_who_save_at_once_are_both_told(alice, post, services, world, one):
    with services.sessions.begin() as session:
        make_member(session, session.merge(world.bolt), session.merge(world.alice))
    mine = post("text", text="Mine.", seen="0")
    with services.sessions.begin() as session:
        bob = session.merge(world.bob)
        set_greeting(session, world.acme_code, language="en", text="Bob's.", by=staff(bob), at=AT)
    overtaken = alice.get(mine.headers["Location"]).text
    again = alice.get(post("text", text="Mine again.", seen="1").headers["Location"]).text

    assert "Version 1 is kept, but is not what callers hear." in overtaken
    assert "Version 2 was saved after it, by Bob Baker." in overtaken
    assert "Callers hear version 3 from now on" in again
    assert "While you worked, Bob Baker saved version 2" in again


def test_an_earlier_version_comes_back_as_a_new_one(alice, post, services, world):
    post("text", text="First.")
    post("text", text="Second.")

    answer = post("restore", version="1")

    page = alice.get(answer.headers["Location"]).text
    assert "It is version 1 again" in page
    with services.sessions() as session:
        found = versions_of(session, world.acme_code, "en", limit=9)
    assert [(each.version, each.text, each.restored_from) for each in found] == [
        (3, "First.", 1),
        (2, "Second.", None),
        (1, "First.", None),
    ]


def test_the_lines_own_words_come_back(alice, post, one):
    post("text", text="First.")

    answer = post("standard")

    page = alice.get(answer.headers["Location"]).text
    assert "Callers hear version 2 from now on" in page
    assert "Go back to the line" not in page
    assert post("restore", version="1").status_code == 303
    assert "First." in alice.get(one).text


def test_the_lines_own_words_need_no_version_before_there_is_another(post, services):
    assert post("standard").status_code == 200

    with services.sessions() as session:
        assert not session.scalars(select(Greeting)).all()


@pytest.mark.parametrize("version", ["0", "7", "-1", "x", "9" * 30, ""])
def test_a_version_there_is_not_is_missing(alice, post, one, version):
    assert post("restore", version=version).status_code == 404
    assert alice.get(f"{one}/versions/{version or 'x'}/audio.wav").status_code == 404


@pytest.mark.parametrize("language", ["fr", "EN", "../en", "%00"])
def test_a_language_there_is_not_is_missing(alice, one, language):
    assert alice.get(f"{one[:-2]}{language}").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT, Role.ADMIN, Role.OWNER])
def test_everybody_listens_and_some_decide(app, services, world, one, role):
    with services.sessions.begin() as session:
        dana = make_user(session, "Dana Diaz")
        make_member(session, session.merge(world.acme), dana, role)
        set_greeting(session, world.acme_code, language="en", audio=tone(), at=AT)
    client = signed_in(app, dana)
    token = csrf_token(client, f"/businesses/{world.acme.id}/requests")
    decides = role in {Role.ADMIN, Role.OWNER}

    page = client.get(one).text
    answers = [
        client.post(f"{one}/{what}", data={"csrf_token": token, "text": "Hi.", "version": "1"})
        for what in ("text", "audio", "keep", "restore", "standard")
    ]

    assert client.get(f"{one}/versions/1/audio.wav").status_code == 200
    assert ("Record it here" in page) == decides
    assert [each.status_code for each in answers] == (
        [303, 400, 400, 303, 303] if decides else [403] * 5
    )


def test_d1_of_another_business_nothing_is_there(alice, charlie, services, world):
    with services.sessions.begin() as session:
        set_greeting(session, world.bolt_code, language="en", audio=tone(), at=AT)
    base, nobody = listing(world), "4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10"
    token = csrf_token(alice, f"{base}/{world.acme_code.id}/en")

    for path in ("en", "es", "en/versions/1/audio.wav"):
        foreign, missing = (
            alice.get(f"{base}/{code}/{path}") for code in (world.bolt_code.id, nobody)
        )
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.text == missing.text
    for what in ("text", "audio", "restore", "standard"):
        form = {"csrf_token": token, "text": "Mine!", "version": "1"}
        answer = alice.post(f"{base}/{world.bolt_code.id}/en/{what}", data=form)
        assert answer.status_code == 404
    assert alice.get(f"/businesses/{world.bolt.id}/greetings").status_code == 404
    with services.sessions() as session:
        assert newest_greeting(session, world.bolt_code, "en").version == 1


def test_d23_a_foreign_hash_tells_nothing(alice, services, world):
    with services.sessions.begin() as session:
        made = set_greeting(session, world.bolt_code, language="en", audio=tone(), at=AT)
    address = f"{listing(world)}/{world.bolt_code.id}/en/versions/1/audio.wav"

    answer = alice.get(address, headers={"If-None-Match": f'"{made.audio_sha256}"'})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        (None, 200, None),
        ("bytes=0-9", 206, 10),
        ("bytes=-1", 206, 1),
        ("bytes=5-2", 416, 0),
        ("bytes=0-0,5-9", 416, 0),
        ("bytes=99999999-", 416, 0),
    ],
)
def test_d22_a_player_gets_the_part_it_asks_for(alice, services, world, one, asked, status, length):
    with services.sessions.begin() as session:
        made = set_greeting(session, world.acme_code, language="en", audio=tone(), at=AT)
    headers = {"Range": asked} if asked else {}

    answer = alice.get(f"{one}/versions/1/audio.wav", headers=headers)
    head = alice.head(f"{one}/versions/1/audio.wav", headers=headers)
    known = alice.get(
        f"{one}/versions/1/audio.wav", headers={"If-None-Match": f'"{made.audio_sha256}"'}
    )

    assert (answer.status_code, len(answer.data)) == (
        status,
        len(tone()) if length is None else length,
    )
    assert (head.status_code, head.data) == (status, b"")
    assert known.status_code == 304


def test_a_page_of_another_site_gets_no_sound(alice, services, world, one):
    with services.sessions.begin() as session:
        set_greeting(session, world.acme_code, language="en", audio=tone(), at=AT)

    answer = alice.get(f"{one}/versions/1/audio.wav", headers={"Sec-Fetch-Dest": "script"})

    assert answer.status_code == 403


def test_a_text_has_no_sound(alice, post, one):
    post("text", text="Hello.")

    assert alice.get(f"{one}/versions/1/audio.wav").status_code == 404


def test_hundreds_of_versions_are_paged(alice, services, world, one):
    with services.sessions.begin() as session:
        for number in range(45):
            set_greeting(session, world.acme_code, language="en", text=f"No {number}.", at=AT)

    first, last = alice.get(one).text, alice.get(f"{one}?before=6").text

    assert ("Version 45" in first, "Version 26" in first, "Version 25<" in first) == (1, 1, 0)
    assert "before=26" in first
    assert "Version 1<" in last
    assert "Newest versions" in last
    assert "There are no earlier ones" in alice.get(f"{one}?before=1").text


def test_many_codes_are_paged_and_cost_the_same(alice, services, world):
    few = cost(alice, services, listing(world))
    with services.sessions.begin() as session:
        acme = session.get_one(Business, world.acme.id)
        for number in range(60):
            code = make_code(session, acme, f"5{number:04d}", brand=f"Brand {number}")
            set_greeting(session, code, language="en", text="Hi.", at=AT)

    page = alice.get(listing(world)).text

    assert page.count('class="card code-card"') == 25
    assert "after=50023" in page
    assert "Brand 59" in alice.get(f"{listing(world)}?after=50049").text
    assert "no more codes" in alice.get(f"{listing(world)}?after=9").text
    assert cost(alice, services, listing(world)) == few


def test_a_business_without_a_code_is_told_so(app, services, world):
    with services.sessions.begin() as session:
        harbor = make_business(session, "Harbor Candles")
        make_member(session, harbor, session.merge(world.alice))

    page = signed_in(app, world.alice).get(f"/businesses/{harbor.id}/greetings").text

    assert "No service code yet" in page


def test_the_page_says_how_to_call_in_each_language(services, world, one):
    settings = services.settings.model_copy(update={"softphone_url": "http://127.0.0.1:5082"})
    app = create_app(services.__class__(**{**vars(services), "settings": settings}))
    alice = signed_in(app, world.alice)

    english, spanish = alice.get(one).text, alice.get(f"{one[:-2]}es").text

    assert 'href="tel:+18005550100,,4021%23"' in english
    assert 'href="tel:+18005550100,,2%23,,4021%23"' in spanish
    assert "127.0.0.1:5082/?number=%2B18005550100&amp;code=4021&amp;language=es" in spanish
    assert sentence("es", "this_language") in english
    assert sentence("en", "this_language") in spanish


def test_a_number_of_its_own_needs_no_code(alice, services, world):
    with services.sessions.begin() as session:
        code = make_code(
            session,
            session.get_one(Business, world.acme.id),
            "6021",
            dedicated_number="+18005550177",
        )
    one = f"{listing(world)}/{code.id}"

    english, spanish = alice.get(f"{one}/en").text, alice.get(f"{one}/es").text

    assert 'href="tel:+18005550177"' in english
    assert "Enter the service code" not in english
    assert "answers in English" in spanish


def test_the_operators_greetings_have_no_colleague(alice, services, world, one):
    with services.sessions.begin() as session:
        set_greeting(session, world.acme_code, language="en", text="Hi.", by=OPERATOR, at=AT)

    assert "by your operator" in alice.get(one).text


def cost(client, services, path) -> int:
    with statements(services.engine) as asked:
        client.get(path)
    return len(asked)


def listing(world) -> str:
    return f"/businesses/{world.acme.id}/greetings"


@pytest.fixture
def one(world) -> str:
    return f"{listing(world)}/{world.acme_code.id}/en"


@pytest.fixture
def post(alice, one):
    token = csrf_token(alice, one)
    return lambda what, **form: alice.post(f"{one}/{what}", data={"csrf_token": token} | form)
