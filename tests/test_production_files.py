"""The files of docs/production start what exists, with settings that exist, and hold no secret."""

from __future__ import annotations

import os
import re
import runpy
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import production_files as production
import pytest
from source_tree import ROOT

from voiceline.dashboard.choosing import LARGEST_FORM
from voiceline.dashboard.greeting_audio import LARGEST_FILE, OTHER_FIELDS
from voiceline.dashboard.notes import LARGEST_TEXT, MEGABYTE
from voiceline.settings import Settings, load_settings
from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOKS_SECRET = re.compile(
    r"(?i)(password|token|secret|key)\s*[:=]\s*['\"]?(?!/etc/)[A-Za-z0-9+/_-]{16,}['\"]?$"
)
HARDENED = {
    "User": "voiceline",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "Restart": "always",
    "EnvironmentFile": "/etc/voiceline/voiceline.env",
}


def test_procfile_starts_what_the_program_offers():
    commands = production.procfile_commands()

    production.parse(commands)

    assert production.long_running(commands) == production.LONG_RUNNING


def test_systemd_starts_what_the_program_offers():
    commands = production.systemd_commands()

    production.parse(commands)

    assert production.long_running(commands) == production.LONG_RUNNING


def test_outside_containers_only_loopback_is_served():
    commands = production.procfile_commands() + production.systemd_commands()
    proxy = (production.PRODUCTION / "nginx.conf").read_text(encoding="utf-8")

    passed_on = set(re.findall(r"upstream (\w+) \{ server 127\.0\.0\.1:(\d+);", proxy))

    assert passed_on == production.ports(commands) == set(production.PORTS.items())
    assert not [str(one) for one in commands if "--host" in one.words]


def test_proxy_lets_the_largest_files_through_and_nothing_else():
    places = production.proxy_locations()
    note = f"/businesses/{'0' * 36}/requests/{'1' * 36}/notes"
    megabytes = Settings.model_fields["attachments_megabytes"].default

    large = [place for place, lines in places.items() if "client_max_body_size" in lines]

    greeting = f"/businesses/{'0' * 36}/greetings/{'1' * 36}/es/audio"
    bulk = f"/businesses/{'0' * 36}/requests/bulk/act"
    most = (megabytes + 1, LARGEST_FORM // MEGABYTE, megabytes + 1)
    for place, address, size in zip(large, (note, bulk, greeting), most, strict=True):
        assert re.match(place.removeprefix("~ "), address)
        assert f"client_max_body_size {size}m;" in places[place]
    assert LARGEST_FILE + OTHER_FIELDS < 11 * MEGABYTE
    assert LARGEST_TEXT < MEGABYTE


def test_fallback_unit_waits_for_nothing():
    unit = (production.UNITS / "voiceline-fallback.service").read_text(encoding="utf-8")

    needed = re.findall(r"^(?:Requires|BindsTo|Requisite)=.*$", unit, re.MULTILINE)

    assert not needed


def test_every_variable_named_is_a_setting():
    known = {PREFIX + name.upper() for name in Settings.model_fields}

    named = {
        (path.name, name)
        for path in production.files()
        for name in production.VOICELINE.findall(path.read_text(encoding="utf-8"))
    }

    assert named
    assert not {one for one in named if not {one[1], one[1].removesuffix("_FILE")} & known}


def test_example_settings_start_production(tmp_path: Path):
    values = production.example_settings()
    secret_files = {name for name in values if name.endswith("_FILE")}
    for name in secret_files:
        values[name] = str(tmp_path / name)
        (tmp_path / name).write_text("postgresql+psycopg://a-value-of-enough-characters\n")

    settings = load_settings(values)

    assert settings.environment == "production"
    assert not production.SECRETS & values.keys()
    assert {name.removesuffix("_FILE") for name in secret_files} <= production.SECRETS


def test_units_give_a_key_to_those_who_need_it_alone():
    given = {
        str(command).split(": ", 1)[1].split(" --")[0]: production.keys_of(command.name)
        for command in production.systemd_commands()
    }

    assert {name: keys for name, keys in given.items() if keys} == production.KEYS_OF
    assert not production.KEY_FILES & production.example_settings().keys()


def test_no_production_file_holds_a_secret():
    lines = [
        (path.name, line.strip())
        for path in production.files()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]

    suspicious = [one for one in lines if LOOKS_SECRET.search(one[1])]

    assert not suspicious


def test_units_are_hardened():
    service = production.unit("voiceline-.service.d/common.conf")["Service"]

    hardened = {key: service.get(key) for key in HARDENED}

    assert hardened == HARDENED
    assert f"/var/lib/{service['StateDirectory']}" == service["WorkingDirectory"]


def test_image_is_made_of_files_that_exist():
    copied = list(production.docker_copies())
    ignored = (production.PRODUCTION / "Dockerfile.dockerignore").read_text(encoding="utf-8")

    missing = [path for path in copied if not (ROOT / path).exists()]
    hidden = [path for path in copied if f"!{path}\n" not in ignored]

    assert not missing
    assert not hidden


def test_image_installs_by_hash_and_runs_as_nobody():
    dockerfile = (production.PRODUCTION / "Dockerfile").read_text(encoding="utf-8")

    images = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    user = re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)

    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]+", image) for image in images)
    assert "--require-hashes --only-binary :all:" in dockerfile
    assert "npm ci --ignore-scripts" in dockerfile
    assert user == ["10001"]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (302, False)])
def test_health_question_carries_the_public_name(server: HTTPServer, status: int, healthy: bool):
    server.answer = status
    ask = runpy.run_path(str(production.PRODUCTION / "healthy.py"))["is_healthy"]

    answer = ask(server.server_port, "https://telephone.example.com")

    assert answer is healthy
    assert server.asked == [("/healthz", "telephone.example.com")]


def test_health_question_to_nobody_is_answered_no(server: HTTPServer):
    ask = runpy.run_path(str(production.PRODUCTION / "healthy.py"))["is_healthy"]
    server.server_close()

    answer = ask(server.server_port, "https://telephone.example.com")

    assert answer is False
    assert os.access(production.PRODUCTION / "healthy.py", os.X_OK)


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    listening = HTTPServer(("127.0.0.1", 0), _Health)
    listening.asked = []
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield listening
    listening.shutdown()
    thread.join()
    listening.server_close()
