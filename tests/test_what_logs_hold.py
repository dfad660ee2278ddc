"""No log holds a query string or an address that is a key: the proxy's, the servers', our own."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import production_files as production
import pytest
from click.testing import CliRunner
from source_tree import ROOT
from structlog.testing import capture_logs

from voiceline import consumer, dashboard
from voiceline.commands import processes
from webhooks import create_app

if TYPE_CHECKING:
    from flask import Flask

    from voiceline.bootstrap import Services

TOKEN = "t0ken" * 8 + "abc"
QUERY = re.compile(
    r"\$(request\b|request_uri|args|arg_|query_string|is_args|http_|cookie_|sent_http_)"
)
"""What of nginx's variables holds a query, or where somebody came from."""

KEYS = re.compile(r"<(?:string\(length=43\):)?token>|/receipt/<code>")
"""What an address has that is a key."""

PATHS = {
    "request.path",
    "str(request.url_rule)",
    "request.path.rsplit('/', 1)[0]",
    "LIBRARIES[name]",
}
"""What our own lines say of an address: its rule, or a path of the carrier's, which has no key."""


def test_proxy_logs_in_its_own_format_alone():
    text = (production.PRODUCTION / "nginx.conf").read_text(encoding="utf-8")
    formats = re.findall(r"^\s*log_format (\w+)\s+([^;]+);", text, re.MULTILINE)

    sinks = re.findall(r"^\s*access_log (.+);", text, re.MULTILINE)

    assert [name for name, _ in formats] == ["voiceline"]
    assert not QUERY.search(formats[0][1])
    assert {sink.split()[-1] for sink in sinks} == {"voiceline", "off"}


def test_proxy_says_for_each_server_where_it_logs():
    servers = _servers()

    silent = [name for name, text in servers.items() if "\n    access_log /" not in text]

    assert set(servers) == {"telephone", "fallback", "dashboard", "requests"}
    assert not silent


def test_proxys_error_log_keeps_no_line_of_a_request():
    text = (production.PRODUCTION / "nginx.conf").read_text(encoding="utf-8")

    assert re.findall(r"^\s*error_log (.+);", text, re.MULTILINE) == [
        "/var/log/nginx/error.log crit"
    ]


@pytest.mark.parametrize("name", ["telephone", "dashboard", "requests"])
def test_proxy_does_not_log_an_address_that_is_a_key(services: Services, name: str):
    app = _app(services, name)
    rules = [rule.rule for rule in app.url_map.iter_rules() if KEYS.search(rule.rule)]
    places = re.findall(r"location ~ (\S+) \{\n\s+access_log off;", _servers()[name])

    logged = [rule for rule in rules if not any(re.match(place, rule) for place in places)]

    assert rules
    assert not logged


@pytest.mark.parametrize("name", ["telephone", "dashboard", "fallback", "consumer"])
def test_web_server_writes_no_access_log(monkeypatch: pytest.MonkeyPatch, name: str):
    started: list[dict[str, object]] = []

    class Server:
        def __init__(self, *_: object, **options: object) -> None:
            started.append(options)

        def serve(self) -> None:
            """Serve nobody."""

    monkeypatch.setattr(processes, "Granian", Server)
    monkeypatch.setattr(processes, "_check_keys", lambda _: None)

    result = CliRunner().invoke(processes.serve, [name])

    assert result.exit_code == 0, result.output
    assert "log_access" not in started[0]
    assert started[0]["log_level"] == processes.LogLevels.error


def test_our_lines_say_no_more_of_an_address_than_its_rule():
    said = {
        ast.unparse(keyword.value)
        for place in ("voiceline", "webhooks", "jobs")
        for path in (ROOT / place).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _logs(call)
        for keyword in call.keywords
        if keyword.arg == "path" or "request." in ast.unparse(keyword.value)
    }

    assert said <= PATHS


@pytest.mark.parametrize(
    "address", [f"/join/{TOKEN}", f"/reset/{TOKEN}", f"/link/{TOKEN}", f"/calendar/{TOKEN}.ics"]
)
def test_failure_at_a_key_is_logged_by_its_rule(services: Services, address: str):
    app = dashboard.create_app(services)
    rule = next(
        r for r in app.url_map.iter_rules() if r.rule.startswith(f"/{address.split('/')[1]}/<")
    )
    app.view_functions[rule.endpoint] = _fail

    with capture_logs() as lines:
        answer = app.test_client().get(
            f"{address}?q=marzipan", base_url=services.settings.dashboard_url
        )

    assert answer.status_code == 500
    assert [line["path"] for line in lines] == [rule.rule]
    assert not [line for line in lines if TOKEN in str(line) or "marzipan" in str(line)]


def _fail(**_: object) -> None:
    raise RuntimeError


def _app(services: Services, name: str) -> Flask:
    if name == "telephone":
        return create_app(services, lambda _voicemail_id: None)
    return (dashboard if name == "dashboard" else consumer).create_app(services)


def _servers() -> dict[str, str]:
    text = (production.PRODUCTION / "nginx.conf").read_text(encoding="utf-8")
    found = re.findall(r"^server \{\n.*?^\}", text, re.MULTILINE | re.DOTALL)
    return {re.findall(r"server_name (\w+)\.", each)[0]: each for each in found}


def _logs(call: ast.Call) -> bool:
    name = call.func
    return (
        isinstance(name, ast.Attribute)
        and isinstance(name.value, ast.Name)
        and name.value.id in {"log", "_log"}
    )
