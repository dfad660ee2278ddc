"""What a log line holds: what a call of ours gives it, if the list knows it, and whose it is."""

from __future__ import annotations

import ast
import json

import pytest
import structlog
from source_tree import modules

from voiceline import consumer, dashboard
from voiceline.log import ALLOWED, begin_trace, set_up_logging
from webhooks import create_app, create_fallback_app

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


@pytest.fixture
def lines(tmp_path):
    """What was written since, as a function."""
    set_up_logging("INFO", tmp_path / "log")

    def read():
        (path,) = (tmp_path / "log").iterdir()
        return [json.loads(line) for line in path.read_text().splitlines()]

    yield read
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_no_line_of_ours_names_what_the_list_would_drop():
    dropped = [
        f"{module.name}:{call.lineno}: {word.arg}"
        for module in modules("voiceline", "webhooks", "jobs")
        for call in ast.walk(module.tree)
        if _logs(call)
        for word in call.keywords
        if word.arg not in ALLOWED
    ]

    assert not dropped


def test_lines_of_one_request_have_one_id_and_the_next_ones_another(lines):
    log = structlog.get_logger()

    for _ in range(2):
        begin_trace()
        log.info("call.trouble", call="CA1")
        log.info("call.mended", call="CA1")

    first, second, third, fourth = (line["trace"] for line in lines())
    assert first == second
    assert third == fourth
    assert first != third


def test_a_line_of_no_request_has_none(lines):
    begin_trace()
    structlog.contextvars.clear_contextvars()

    structlog.get_logger().info("job.parked", kind="voicemail")

    assert set(lines()[0]) == {"event", "kind", "level", "timestamp"}


def test_every_door_gives_an_id_before_it_does_anything_else(services):
    doors = (
        create_app(services, lambda _: None),
        create_fallback_app(services.settings),
        dashboard.create_app(services),
        consumer.create_app(services),
    )

    assert {door.before_request_funcs[None][0] for door in doors} == {begin_trace}


def _logs(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    )
