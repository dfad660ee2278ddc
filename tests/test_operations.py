"""What the documents tell operators to type, to watch and to permit exists."""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, datetime, timedelta

import click
import pytest
from factories import make_business, make_call, make_code, make_voicemail
from production_files import PRODUCTION
from source_tree import ROOT, modules
from sqlalchemy import text

from voiceline.cli import main_group
from voiceline.commands.processes import serve

DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"
)
OPERATIONS = ROOT / "docs" / "operations.md"
COMMAND = re.compile(r"(?:^|[`/ ])voiceline ((?:[a-z]+(?:-[a-z]+)* ?)+)")
MAKE = re.compile(r"`make ([a-z]+)")
EVENT = re.compile(r"`([a-z]+\.[a-z_]+)`")
LEVELS = {"debug", "info", "warning", "error", "exception"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_documents_exist(path):
    code = re.findall(r"`[^`\n]+`|^ .*$|^\$? ?voiceline .*$", path.read_text("utf-8"), re.MULTILINE)

    named = {words for line in code for words in COMMAND.findall(line)}

    assert not {words for words in named if not _is_command(words.split())}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_in_documents_exist(path):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    named = set(MAKE.findall(path.read_text("utf-8")))

    assert named <= set(targets)


def test_events_to_watch_are_logged():
    rows = [line for line in OPERATIONS.read_text("utf-8").splitlines() if line.startswith("| `")]

    watched = {name for row in rows for name in EVENT.findall(row.split("|")[1])}

    assert "job.parked" in watched
    assert watched <= _logged_events()


def test_statements_to_watch_say_what_waits(services):
    owed, sizes = re.findall(r"```sql\n(.*?)```", OPERATIONS.read_text("utf-8"), re.DOTALL)
    with services.sessions.begin() as session:
        call = make_call(session, make_code(session, make_business(session)))
        waiting = make_voicemail(session, call, due_at=datetime.now(UTC) - timedelta(minutes=5))
        make_voicemail(session, call, due_at=datetime.now(UTC) + timedelta(minutes=5))

    with services.engine.connect() as connection:
        found = [connection.execute(text(one)).scalar() for one in owed.split(";") if one.strip()]
        if services.engine.dialect.name == "postgresql":
            assert connection.execute(text(sizes)).all()

    assert [_moment(each) for each in found] == [waiting.due_at, waiting.received_at]


def test_serving_without_a_proxy_is_advised_against():
    said = [serve.help or "", OPERATIONS.read_text("utf-8")]

    assert all("half a body" in " ".join(each.split()) for each in said)


def test_bucket_policy_gives_the_store_what_it_needs():
    policy = json.loads((PRODUCTION / "s3-policy.json").read_text("utf-8"))
    said = (ROOT / "voiceline" / "adapters" / "s3_store.py").read_text("utf-8")
    needed = re.search(r"Permissions: s3:(.*?), without", said, re.DOTALL)

    given = {action.removeprefix("s3:") for one in policy["Statement"] for action in one["Action"]}

    assert needed
    assert given == set(re.findall(r"[A-Z]\w+", needed[1])) | {"GetLifecycleConfiguration"}


def test_bucket_policy_reaches_no_further_than_our_objects():
    policy = json.loads((PRODUCTION / "s3-policy.json").read_text("utf-8"))
    objects, bucket = policy["Statement"]

    reached = {resource.partition(":::")[2] for resource in objects["Resource"]}

    ours = {f"example-voicemails/{prefix}/*" for prefix in ("rec", "note", "probe")}
    assert reached == ours | {"example-voicemail-keys/*"}
    assert {resource.partition(":::")[2] for resource in bucket["Resource"]} == {
        "example-voicemails",
        "example-voicemail-keys",
    }
    assert not [one for one in (objects, bucket) if any("*" in name for name in one["Action"])]


def _moment(found: datetime | str) -> datetime:
    """Read a moment as SQLite writes it: without its zone."""
    if isinstance(found, str):
        return datetime.fromisoformat(found).replace(tzinfo=UTC)
    return found


def _is_command(words: list[str]) -> bool:
    """Tell whether the first of the words lead to a command; what follows are its arguments."""
    found: click.Command | None = main_group
    for word in words:
        if not isinstance(found, click.Group):
            return True
        found = found.get_command(click.Context(main_group), word)
    return found is not None


def _logged_events() -> set[str]:
    calls = [
        node
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    return {
        str(call.args[0].value)
        for call in calls
        if call.func.attr in LEVELS and call.args and isinstance(call.args[0], ast.Constant)
    }
