"""What the documents tell operators to type, to watch and to permit exists."""

from __future__ import annotations

import ast
import json
import re

import click
import pytest
from production_files import PRODUCTION
from source_tree import ROOT, modules

from voiceline.cli import main_group

DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"
)
OPERATIONS = ROOT / "docs" / "operations.md"
COMMAND = re.compile(r"(?:^|[`/ ])voiceline ((?:[a-z]+ ?)+)")
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

    assert reached == {"example-voicemails/rec/*", "example-voicemails/probe/*"}
    assert bucket["Resource"].endswith(":::example-voicemails")
    assert not [one for one in (objects, bucket) if any("*" in name for name in one["Action"])]


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
