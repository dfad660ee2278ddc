from __future__ import annotations

from datetime import timedelta

import pytest
from every_address import WORDS
from factories import make_member, make_user, unknown_id
from forms import CASES, filed, form_of, prepare, send, take
from staff import csrf_token, signed_in

from voiceline.dashboard.desk import STEPS
from voiceline.dashboard.gate import needed
from voiceline.models import Role
from voiceline.rules.rights import Right

STEP = pytest.mark.parametrize("step", sorted(CASES))


def test_every_step_is_tried():
    """But for those after which the request is elsewhere: test_unassigned.py takes them."""
    assert CASES.keys() == {name for name, step in STEPS.items() if not step.leaves}


@STEP
def test_step_is_taken_by_its_form(alice, services, world, step):
    path = prepare(alice, services, world, step)
    page = alice.get(path)

    answer = send(alice, path, **CASES[step].fields)

    assert f">{STEPS[step].title}</h1>" in page.text
    assert f'href="{world.page}">Cancel</a>' in page.text
    assert (answer.status_code, answer.location) == (303, world.page)
    request = filed(services, world)
    (newest,) = [each for each in request.events if each.id == request.last_change_id]
    assert newest.kind == CASES[step].kind
    assert newest.user_id == world.alice.id


@STEP
def test_step_cannot_be_taken_twice_unless_it_makes_sense(alice, services, world, step):
    path = prepare(alice, services, world, step)
    send(alice, path, **CASES[step].fields)
    before = filed(services, world).version

    answer = send(alice, path, version=str(before), **CASES[step].fields)

    assert answer.status_code == (303 if CASES[step].repeats else 400)
    assert (filed(services, world).version > before) == CASES[step].repeats


@pytest.mark.parametrize(
    ("step", "missing"), [(step, name) for step, case in CASES.items() for name in case.needs]
)
def test_missing_field_is_asked_for_and_nothing_is_lost(alice, services, world, step, missing):
    path = prepare(alice, services, world, step)
    typed = {name: value for name, value in CASES[step].fields.items() if name != missing}
    before = filed(services, world).version

    answer = send(alice, path, **typed)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert filed(services, world).version == before
    for value in typed.values():
        for each in value if isinstance(value, list) else [value]:
            assert each in answer.text


@pytest.mark.parametrize("version", [None, "", "one", "9" * 5000])
def test_form_without_its_version_is_shown_anew(alice, services, world, version):
    token = csrf_token(alice, world.inbox)
    known = filed(services, world).version
    sent = {} if version is None else {"version": version}

    for step in (step for step, case in CASES.items() if not case.after and step != "complete"):
        form = {"csrf_token": token} | CASES[step].fields | sent
        answer = alice.post(form_of(services, world, step), data=form)

        assert answer.status_code == 400, step
        assert "which state of the request you saw" in answer.text
        assert f'name="version" value="{known}"' in answer.text


@STEP
def test_second_of_two_is_told_who_was_first(alice, bob, services, world, step):
    path = prepare(alice, services, world, step)
    seen = filed(services, world).version
    take(bob, services, world, "set_standing", standing="parent")
    now = filed(services, world).version

    form = {"csrf_token": csrf_token(alice, path), "version": str(seen)}
    answer = alice.post(path, data=form | CASES[step].fields)

    assert answer.status_code == 409
    assert "Bob Baker was first: standing set, 2026-11-21 at 10:00 PST." in answer.text
    assert f'href="{world.page}"' in answer.text
    for value in CASES[step].fields.values():
        for each in value if isinstance(value, list) else [value]:
            assert each in answer.text
    assert filed(services, world).version == now


def test_who_was_second_can_send_it_again(alice, bob, services, world):
    path = form_of(services, world, "deny")
    old = {"version": str(filed(services, world).version)}
    form = {"csrf_token": csrf_token(alice, path)} | CASES["deny"].fields
    take(bob, services, world, "set_standing", standing="self")
    now = filed(services, world).version

    told = alice.post(path, data=form | old)
    answer = alice.post(path, data=form | {"version": str(now)})

    assert f'name="version" value="{now}"' in told.text
    assert answer.status_code == 303


def test_what_cannot_be_done_any_more_still_shows_what_was_typed(alice, bob, services, world):
    path = form_of(services, world, "deny")
    form = {"csrf_token": csrf_token(alice, path), "version": str(filed(services, world).version)}
    take(bob, services, world, "withdraw")

    answer = alice.post(path, data=form | CASES["deny"].fields)

    assert answer.status_code == 409
    assert "It cannot be denied: it is withdrawn." in answer.text
    assert CASES["deny"].fields["why_transaction"] in answer.text
    assert '<form method="post" action="' + path not in answer.text


def test_viewer_sees_no_form_and_sends_none(app, services, world):
    vera = viewer(app, services, world)
    token = csrf_token(vera, world.inbox)
    before = filed(services, world).version

    for step in (step for step, case in CASES.items() if case.right != Right.CORRECT):
        path = form_of(services, world, step)
        form = {"csrf_token": token, "version": str(before)} | CASES[step].fields
        sent = vera.post(path, data=form)
        assert (vera.get(path).status_code, sent.status_code) == (403, 403), step
        assert "You are a viewer of this business" in sent.text
    assert filed(services, world).version == before


def test_other_businesses_find_no_form(charlie, services, world):
    token = csrf_token(charlie, f"/businesses/{world.bolt.id}/requests")
    before = filed(services, world).version

    for step in (step for step, case in CASES.items() if case.right != Right.CORRECT):
        path = form_of(services, world, step)
        form = {"csrf_token": token, "version": str(before)} | CASES[step].fields
        for address in (path, path.replace(str(world.acme.id), str(world.bolt.id))):
            assert charlie.get(address).status_code == 404, step
            assert charlie.post(address, data=form).status_code == 404, step
    assert filed(services, world).version == before


def test_rights_of_other_requests_are_not_found(alice, services, world):
    token = csrf_token(alice, world.inbox)
    names = [name for name, step in STEPS.items() if step.of_right]

    for other in (world.foreign.rights[0].id, unknown_id()):
        for name in names:
            path = f"{world.page}/rights/{other}/{name.replace('_', '-')}"
            form = {"csrf_token": token, "version": "1"}
            assert alice.get(path).status_code == 404, name
            assert alice.post(path, data=form).status_code == 404, name


def test_forms_need_their_token(alice, services, world):
    before = filed(services, world).version

    for step in (step for step, case in CASES.items() if case.right != Right.CORRECT):
        form = {"version": str(before)} | CASES[step].fields
        assert alice.post(form_of(services, world, step), data=form).status_code == 400, step
    assert filed(services, world).version == before


class TestRoles:
    def test_every_change_of_a_business_is_refused_to_viewers(self, app, services, world):
        vera = viewer(app, services, world)
        token = csrf_token(vera, world.inbox)
        ids = {name: unknown_id() for name in _names(app)} | WORDS
        ids["business_id"] = world.acme.id
        adapter = app.url_map.bind("127.0.0.1")
        paths = [
            adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if "POST" in rule.methods and "business_id" in rule.arguments
            if needed(rule.endpoint, "POST") != Role.VIEWER
        ]

        answers = {path: vera.post(path, data={"csrf_token": token}).status_code for path in paths}

        assert len(answers) >= len(STEPS)
        assert {path: code for path, code in answers.items() if code != 403} == {}

    def test_viewer_reads_the_page_without_its_forms(self, app, services, world):
        page = viewer(app, services, world).get(world.page)

        assert page.status_code == 200
        assert "Confirm receipt" in page.text
        assert not [step for step in STEPS.values() if f"{world.page}{step.path}" in page.text]
        assert "/rights/" not in page.text

    @pytest.mark.parametrize("role", [Role.AGENT, Role.ADMIN, Role.OWNER])
    def test_everybody_else_acts(self, app, services, world, role):
        client = viewer(app, services, world, role)

        assert take(client, services, world, "acknowledge", how="email").status_code == 303


class TestUndo:
    def test_it_is_offered_for_a_minute_until_a_time(self, alice, clock, services, world):
        take(alice, services, world, "acknowledge", how="email")

        offered = alice.get(world.page).text
        clock.wait(timedelta(seconds=61))
        later = alice.get(world.page).text

        assert "Receipt confirmed.</strong>" in offered
        assert "10:01:00 PST" in offered
        assert f'action="{world.page}/undo"' in offered
        assert f'action="{world.page}/undo"' not in later

    def test_it_is_not_offered_to_others(self, alice, bob, services, world):
        take(alice, services, world, "acknowledge", how="email")

        assert f'action="{world.page}/undo"' not in bob.get(world.page).text

    def test_too_late_is_said(self, alice, clock, services, world):
        take(alice, services, world, "acknowledge", how="email")
        clock.wait(timedelta(seconds=61))

        answer = take(alice, services, world, "undo")

        assert answer.status_code == 400
        assert "It is more than a minute ago" in answer.text

    def test_undone_step_can_be_taken_again(self, alice, services, world):
        take(alice, services, world, "acknowledge", how="email")
        take(alice, services, world, "undo")

        page = alice.get(world.page).text

        assert f'action="{world.page}/undo"' not in page
        assert take(alice, services, world, "acknowledge", how="letter").status_code == 303


def viewer(app, services, world, role=Role.VIEWER):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Voss")
        make_member(session, world.acme, vera, role)
    return signed_in(app, vera)


def _names(app):
    return set().union(*(rule.arguments for rule in app.url_map.iter_rules()))
