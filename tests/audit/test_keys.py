"""The signing key as a setting: made at first start, refused when it is none."""

from __future__ import annotations

import production_files as production
import pytest
from click.testing import CliRunner

from voiceline.audit.keys import SigningKey
from voiceline.cli import main_group
from voiceline.errors import SettingsError
from voiceline.settings import load_settings
from voiceline.settings_checks import missing_keys

SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""Of the first test in RFC 8032, section 7.1."""


def test_key_is_what_the_standard_says():
    assert SigningKey(SEED).public == PUBLIC


def test_signature_is_what_the_standard_says():
    assert SigningKey(SEED).sign("").startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974")


def test_development_makes_a_key_and_keeps_it(tmp_path):
    environ = {"VOICELINE_DATA_DIR": str(tmp_path)}

    first, second = load_settings(environ), load_settings(environ)

    seed = first.audit_signing_key.get_secret_value()
    assert seed == second.audit_signing_key.get_secret_value()
    assert SigningKey(seed).public
    assert (tmp_path / "audit_signing_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", ["short", "g" * 64, "5a" * 33, "-----BEGIN PRIVATE KEY-----"])
def test_what_is_no_key_stops_the_start_and_is_not_repeated(tmp_path, key):
    environ = {"VOICELINE_DATA_DIR": str(tmp_path), "VOICELINE_AUDIT_SIGNING_KEY": key}

    with pytest.raises(SettingsError, match="AUDIT_SIGNING_KEY must be 64 hex digits") as error:
        load_settings(environ)

    assert key not in str(error.value)


@pytest.mark.parametrize(
    ("process", "missing"),
    [
        ("serve dashboard", "AUDIT"),
        ("worker upkeep", "AUDIT"),
        ("serve consumer", "RECEIPT"),
        ("worker notify", "RECEIPT"),
        ("serve telephone", None),
        ("serve fallback", None),
        ("worker collect", None),
        ("scheduler", None),
    ],
)
def test_production_wants_a_key_where_it_signs(process, missing):
    settings = load_settings(_production() | {"VOICELINE_MASTER_KEYS": "5b" * 32})

    named = missing_keys(settings, process)

    assert [line.split()[0] for line in named] == (
        [f"VOICELINE_{missing}_SIGNING_KEY"] if missing else []
    )


@pytest.mark.parametrize(
    "process", ["serve dashboard", "worker collect", "worker transcribe", "worker upkeep"]
)
def test_production_wants_a_master_key_where_voicemails_are_opened(process):
    arn = "arn:aws:kms:us-east-1:111122223333:key/1234"

    bare, kms = (
        missing_keys(load_settings(_production() | more), process)
        for more in ({}, {"VOICELINE_KMS_MASTER_KEY": arn})
    )

    assert [line for line in bare if "MASTER_KEYS" in line]
    assert not [line for line in kms if "MASTER_KEYS" in line]
    assert not missing_keys(load_settings(_production()), "serve telephone")


@pytest.mark.parametrize("keys", ["5b", "5b" * 32 + ",", "g" * 64, "5B" * 32])
def test_master_keys_are_hex_digits(tmp_path, keys):
    environ = {"VOICELINE_DATA_DIR": str(tmp_path), "VOICELINE_MASTER_KEYS": keys}

    with pytest.raises(SettingsError, match="MASTER_KEYS must be 64 hex digits"):
        load_settings(environ)


def test_process_without_its_key_does_not_start(environment, tmp_path):
    for name, value in _production().items():
        environment.setenv(name, value)
    environment.setenv("VOICELINE_DATA_DIR", str(tmp_path))

    answer = CliRunner().invoke(main_group, ["serve", "consumer"])

    assert isinstance(answer.exception, SettingsError)
    assert "RECEIPT_SIGNING_KEY must be set for `voiceline serve consumer`" in str(answer.exception)


def test_receipts_have_a_key_of_their_own(tmp_path):
    environ = {"VOICELINE_DATA_DIR": str(tmp_path), "VOICELINE_AUDIT_SIGNING_KEY": "5a" * 32}

    made = load_settings(environ)

    assert made.receipt_signing_key != made.audit_signing_key
    with pytest.raises(SettingsError, match="must be another key"):
        load_settings(environ | {"VOICELINE_RECEIPT_SIGNING_KEY": "5a" * 32})


def test_former_keys_are_a_list(tmp_path):
    environ = {"VOICELINE_DATA_DIR": str(tmp_path)}
    several = f"{PUBLIC}, {'ab' * 32}"

    settings = load_settings(environ | {"VOICELINE_AUDIT_FORMER_KEYS": several})

    assert settings.audit_former_keys == (PUBLIC, "ab" * 32)
    with pytest.raises(SettingsError, match="AUDIT_FORMER_KEYS"):
        load_settings(environ | {"VOICELINE_AUDIT_FORMER_KEYS": "nonsense"})


def _production() -> dict[str, str]:
    """Answer the example of production, with values where it names files."""
    secret = "postgresql+psycopg://a-value-of-enough-characters"
    values = production.example_settings()
    return {
        name.removesuffix("_FILE"): secret if name.endswith("_FILE") else value
        for name, value in values.items()
    }
