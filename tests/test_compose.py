"""compose.yaml starts what exists, shows nothing to the network, and holds no secret."""

from __future__ import annotations

from typing import Any

import production_files as production
import pytest
import yaml

SERVERS = {"postgres", "redis", "telephone", "dashboard", "fallback", "consumer"}


def test_compose_starts_what_the_program_offers(compose: dict[str, Any]):
    commands = production.compose_commands(compose)

    production.parse(commands)

    assert production.long_running(commands) == production.LONG_RUNNING


def test_compose_reads_secrets_from_files(compose: dict[str, Any]):
    services = [one for one in compose["services"].values() if one["image"] == "voiceline"]

    given = [set(service["environment"]) - production.KEY_FILES for service in services]
    files = {secret["file"] for secret in compose["secrets"].values()}

    wanted = {name for name in production.example_settings() if name.endswith("_FILE")}
    assert all(names == wanted for names in given)
    assert all(file.startswith("secrets/") for file in files)


def test_compose_gives_a_signing_key_to_those_who_sign_alone(compose: dict[str, Any]):
    services = [one for one in compose["services"].values() if one["image"] == "voiceline"]

    given = {
        " ".join(service["command"]).split(" --")[0]: production.KEY_FILES
        & {*service["environment"]}
        for service in services
    }

    assert {name: keys for name, keys in given.items() if keys} == production.KEYS_OF
    for service in services:
        paths = {path.removeprefix("/run/secrets/") for path in service["environment"].values()}
        assert paths == {*service["secrets"]}


def test_compose_keeps_the_queue_on_the_disk(compose: dict[str, Any]):
    command = " ".join(compose["services"]["redis"]["command"])

    assert "--appendonly yes --appendfsync everysec" in command
    assert "--maxmemory-policy noeviction" in command
    assert compose["services"]["redis"]["volumes"] == ["redis:/data"]


def test_compose_asks_every_server_how_it_is(compose: dict[str, Any]):
    asked = {name for name, one in compose["services"].items() if "healthcheck" in one}

    assert asked == SERVERS


def test_compose_hides_the_database_and_the_queue(compose: dict[str, Any]):
    engines = [compose["services"][name] for name in ("postgres", "redis")]

    assert compose["networks"]["inside"] == {"internal": True}
    assert all(engine["networks"] == ["inside"] for engine in engines)
    assert not any("ports" in engine for engine in engines)


def test_containers_run_with_as_little_as_possible(compose: dict[str, Any]):
    ours = [one for one in compose["services"].values() if one["image"] == "voiceline"]

    assert all(one["read_only"] for one in ours)
    assert all(one["cap_drop"] == ["ALL"] for one in ours)
    assert all(one["security_opt"] == ["no-new-privileges:true"] for one in ours)


def test_spool_is_shared_with_those_who_read_it(compose: dict[str, Any]):
    folders = {
        tuple(compose["services"][name]["volumes"]) for name in ("telephone", "fallback", "upkeep")
    }

    assert folders == {("data:" + production.example_settings()["VOICELINE_DATA_DIR"],)}


def test_only_loopback_reaches_the_containers(compose: dict[str, Any]):
    published = [port for one in compose["services"].values() for port in one.get("ports", [])]

    expected = {f"127.0.0.1:{port}:{port}" for port in production.PORTS.values()}

    assert set(published) == expected
    assert production.ports(production.compose_commands(compose)) == set(production.PORTS.items())


def test_fallback_container_waits_for_nothing(compose: dict[str, Any]):
    assert "depends_on" not in compose["services"]["fallback"]


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((production.PRODUCTION / "compose.yaml").read_text(encoding="utf-8"))
