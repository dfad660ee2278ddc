"""The log on a page and as files, and the figures that are read off it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from desks import Desk
from factories import AT, make_code, make_member, make_request, make_user
from sqlalchemy import select
from staff import csrf_token, signed_in, statements
from test_records import STEPS

from voiceline import record_files, records
from voiceline.models import AuditEntry, Business, Role
from voiceline.rules.rights import Right

PAGES = ("records", "metrics", "metrics.json")
FILES = ("records.csv", "records.json")


def test_log_says_what_was_asked_and_answered(alice, world, logged):
    page = alice.get(f"{home(world)}/records").text

    assert page.count('<th scope="row">') == 3
    assert "Denied" in page
    assert "unverified" in page
    assert "11 CCR 7101" in page


def test_csv_has_a_line_for_each_right(alice, world, logged):
    answer = alice.get(f"{home(world)}/records.csv")

    text = answer.data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(record_files.COLUMNS)
    basis = {row["nature_of_response"]: row["basis_of_denial"] for row in rows}
    assert sorted(basis) == ["complied", "denied", "open"]
    assert basis["denied"].startswith("unverified ")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="requests.csv"'
    assert answer.mimetype == "text/csv"


def test_json_is_whole(alice, world, logged):
    found = json.loads(alice.get(f"{home(world)}/records.json").data)

    assert len(found["records"]) == 3
    by_outcome = {row["nature_of_response"]: row for row in found["records"]}
    assert by_outcome["denied"]["basis_of_denial"][0]["code"] == "unverified"
    assert by_outcome["open"]["date_of_response"] is None


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(alice, world, services, name):
    with services.sessions.begin() as session:
        code = make_code(session, session.merge(world.acme), brand=name)
        request = make_request(session, code)
        records.begin_record(session, request, at=request.filed_at)

    text = alice.get(f"{home(world)}/records.csv").data.decode("utf-8-sig")

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["asked_of"].startswith("'")
    assert row["asked_of"][1:] == name


def test_a_log_of_many_pieces_is_sent_whole(alice, world, logged, monkeypatch):
    monkeypatch.setattr(records, "MOST_ROWS", 2)

    found = json.loads(alice.get(f"{home(world)}/records.json").data)

    assert len({row["reference"] for row in found["records"]}) == 3


def test_who_takes_the_log_away_is_in_the_trail(alice, bob, world, services, logged):
    alice.get(f"{home(world)}/records.csv")
    bob.get(f"{home(world)}/records.json")
    bob.head(f"{home(world)}/records.json")

    with services.sessions() as session:
        found = session.execute(
            select(AuditEntry.actor_id, AuditEntry.facts)
            .where(AuditEntry.action == "records.exported")
            .order_by(AuditEntry.sequence)
        ).all()
    assert [tuple(row) for row in found] == [
        (world.alice.id, '{"form":"csv"}'),
        (world.bob.id, '{"form":"json"}'),
    ]


def test_pages_of_the_log_follow_one_another(alice, world, logged, monkeypatch):
    monkeypatch.setattr("voiceline.dashboard.records.ROWS", 2)
    first = alice.get(f"{home(world)}/records").text
    after = first.partition("?after=")[2].partition('"')[0]

    second = alice.get(f"{home(world)}/records?after={after}").text

    assert (first.count('scope="row"'), second.count('scope="row"')) == (2, 1)
    assert "Next page" not in second


@pytest.mark.parametrize("after", ["x", "2026-01-01", "2026-13-01.x", "\u0000", "." * 5000])
def test_what_is_no_page_is_the_beginning(alice, world, logged, after):
    answer = alice.get(f"{home(world)}/records", query_string={"after": after})

    assert answer.status_code == 200
    assert answer.text.count('scope="row"') == 3


def test_figures_are_shown_by_head_and_by_right(alice, world, logged):
    found = alice.get(f"{home(world)}/metrics.json?year=2026").json

    deletions = found["heads"]["Requests to delete"]
    assert (deletions["received"], deletions["denied"]) == (2, 1)
    assert (deletions["complied_in_whole_or_in_part"], deletions["open"]) == (1, 0)
    assert (deletions["median_days"], deletions["mean_days"]) == (4.5, 4.5)
    assert deletions["denied_because"]["unverified"] == 1
    assert found["rights"]["opt_out"]["open"] == 1
    assert found["total"]["received"] == 3


def test_figures_are_on_a_page(alice, world, logged):
    page = alice.get(f"{home(world)}/metrics?year=2026").text

    assert "Requests to delete" in page
    assert "4.5" in page
    assert "11 CCR 7102" in page


@pytest.mark.parametrize("year", ["", "1", "2020", "x", "99999999999999999999"])
@pytest.mark.parametrize(("since", "shown"), [(2025, 2025), (2026, 2026)])
def test_another_year_is_the_last_whole_one_with_requests(alice, world, filed, year, since, shown):
    filed(since)

    assert alice.get(f"{home(world)}/metrics.json?year={year}").json["year"] == shown


def test_a_newcomer_is_shown_this_year_and_why(alice, world, filed):
    filed(2026)

    page = alice.get(f"{home(world)}/metrics").text
    asked = alice.get(f"{home(world)}/metrics?year=2025").text

    assert "Figures of 2026" in page
    assert "The log holds no request of 2025" in page
    assert "2026, so far" in page
    assert "Figures of 2025" in asked
    assert "The log holds no request" not in asked


def test_a_year_with_requests_is_shown_without_excuse(alice, world, filed):
    filed(2025)

    page = alice.get(f"{home(world)}/metrics").text

    assert "Figures of 2025" in page
    assert "The log holds no request" not in page


def test_a_year_is_not_anothers(alice, world, services, filed):
    filed(2025, code=world.bolt_code)

    assert alice.get(f"{home(world)}/metrics.json").json["year"] == 2026


def test_pages_cost_a_few_statements(alice, world, services, logged):
    for path in PAGES:
        with statements(services.engine) as asked:
            alice.get(f"{home(world)}/{path}")

        assert len(asked) <= 6, path


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_charlie_sees_nothing_of_acme(charlie, world, path):
    assert charlie.get(f"{home(world)}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["metrics/publish", "metrics/hide"])
def test_charlie_changes_nothing_of_acme(charlie, world, path):
    token = csrf_token(charlie, "/businesses")

    assert charlie.post(f"{home(world)}/{path}", data={"csrf_token": token}).status_code == 404


def test_a_viewer_reads_and_takes_nothing_away(app, services, world):
    with services.sessions.begin() as session:
        viewer = make_user(session, "Vera Vance")
        make_member(session, world.acme, viewer, Role.VIEWER)
    browser = signed_in(app, viewer)
    token = csrf_token(browser, "/businesses")

    read = [browser.get(f"{home(world)}/{path}").status_code for path in PAGES]
    taken = [browser.get(f"{home(world)}/{path}").status_code for path in FILES]
    published = browser.post(f"{home(world)}/metrics/publish", data={"csrf_token": token})

    assert (read, taken, published.status_code) == ([200] * 3, [403] * 2, 403)


def test_figures_are_published_only_when_somebody_does(alice, world, services):
    token = csrf_token(alice, f"{home(world)}/metrics")

    states = []
    for deed in ("publish", "publish", "hide"):
        answer = alice.post(f"{home(world)}/metrics/{deed}", data={"csrf_token": token})
        assert answer.status_code == 303
        with services.sessions() as session:
            states.append(session.get_one(Business, world.acme.id).publishes_metrics)

    with services.sessions() as session:
        actions = session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("metrics."))
        ).all()
    assert states == [True, True, False]
    assert sorted(actions) == ["metrics.hidden", "metrics.published"]


def test_an_agent_does_not_publish_for_the_business(bob, world, services):
    token = csrf_token(bob, f"{home(world)}/metrics")

    answer = bob.post(f"{home(world)}/metrics/publish", data={"csrf_token": token})

    assert answer.status_code == 403
    with services.sessions() as session:
        assert not session.get_one(Business, world.acme.id).publishes_metrics


def home(world):
    return f"/businesses/{world.acme.id}"


@pytest.fixture
def filed(services, world):
    """Write a request of that year into the log."""

    def filed(year, code=world.acme_code):
        with services.sessions.begin() as session:
            made = make_request(session, session.merge(code), received_at=AT.replace(year=year))
            records.begin_record(session, made, at=made.filed_at)

    return filed


@pytest.fixture
def logged(services, world):
    """Two requests to delete, one done after four days and one refused after five; an opt-out."""
    with services.sessions.begin() as session:
        desk = Desk(session, session.merge(world.acme_code), session.merge(world.alice))
        STEPS["verify"](desk)
        desk.wait(timedelta(days=4))
        STEPS["complete"](desk)
        STEPS["tell"](desk)
        desk.asks(Right.DELETE)
        desk.wait(timedelta(days=1))
        STEPS["deny"](desk)
        STEPS["tell"](desk)
        desk.asks(Right.OPT_OUT)
        STEPS["acknowledge"](desk)
