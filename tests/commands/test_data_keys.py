"""`voiceline keys`: rotation that may be stopped anywhere, and a master key that is missing."""

from __future__ import annotations

import pytest
from factories import make_business, make_code, make_message

from voiceline.bootstrap import make_store
from voiceline.commands.processes import _check_keys
from voiceline.errors import SettingsError, TemporaryFailure
from voiceline.models import Voicemail
from voiceline.settings import load_settings

NEW = "5a" * 32


def test_rotation_puts_everything_under_the_first_key(run, kept, environment, services):
    environment.setenv("VOICELINE_MASTER_KEYS", f"{NEW},{kept.former}")

    ended = run("keys", "rotate")

    assert ended.exit_code == 0, ended.output
    assert "voicemail: 3 wrapped anew" in ended.output
    environment.setenv("VOICELINE_MASTER_KEYS", NEW)
    store = make_store(load_settings())
    assert [store.get(key) for key in kept.keys]
    assert sealed_by(services) == {store.keys.master_id}
    assert run("keys", "check", "--all").exit_code == 0


def test_rotation_that_was_stopped_goes_on(run, kept, environment, services, monkeypatch):
    environment.setenv("VOICELINE_MASTER_KEYS", f"{NEW},{kept.former}")
    kind, seen = type(services.store.keys), []
    rewrap = kind.rewrap

    def stop(keys, name):
        seen.append(name)
        if len(seen) == 2:
            raise TemporaryFailure("the store is away")
        return rewrap(keys, name)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "rewrap", stop)
        assert run("keys", "rotate").exit_code != 0

    assert run("keys", "rotate").exit_code == 0
    assert len(sealed_by(services)) == 1
    assert run("keys", "rotate").exit_code == 0


def test_one_that_does_not_open_is_named_and_bars_no_other(run, kept, environment, services):
    environment.setenv("VOICELINE_MASTER_KEYS", f"{NEW},{kept.former}")
    services.store.keys.destroy(kept.keys[0])

    ended = run("keys", "rotate")

    assert ended.exit_code != 0
    assert "1 data keys were not wrapped anew" in str(ended.exception)
    assert "voicemail: 2 wrapped anew" in ended.output
    assert len(sealed_by(services)) == 2


def test_check_tells_of_a_missing_master_key_and_of_lost_keys(run, kept, environment, services):
    assert "3 under" in run("keys", "check").output
    services.store.keys.destroy(kept.keys[1])

    ended = run("keys", "check", "--all")

    assert ended.exit_code == 1
    assert "its key is lost" in ended.output
    environment.setenv("VOICELINE_MASTER_KEYS", NEW)
    assert run("keys", "check").exit_code != 0


@pytest.mark.parametrize("process", ["serve dashboard", "worker collect", "worker upkeep"])
def test_a_process_whose_master_key_opens_nothing_does_not_start(kept, environment, process):
    _check_keys(process)
    environment.setenv("VOICELINE_MASTER_KEYS", NEW)

    with pytest.raises(SettingsError, match="MASTER_KEYS do not open what is sealed here"):
        _check_keys(process)
    _check_keys("serve telephone")


def test_doctor_says_what_is_under_a_former_key(run, kept, environment):
    assert "0 under others" in run("doctor").output

    environment.setenv("VOICELINE_MASTER_KEYS", f"{NEW},{kept.former}")
    assert "voiceline keys rotate" in run("doctor").output


class Kept:
    """Three sealed voicemails, and the master key they are under."""

    def __init__(self, services):
        with services.sessions.begin() as session:
            business = make_business(session)
            code = make_code(session, business)
            made = [make_message(session, code, services.store)[1] for _ in range(3)]
            self.keys = [voicemail.object_key for voicemail in made]
        services.store.keys.prove()
        self.former = load_settings().master_keys.get_secret_value()


@pytest.fixture
def kept(services, run):
    return Kept(services)


def sealed_by(services):
    with services.sessions() as session:
        return {row.sealed_by for row in session.query(Voicemail)}
