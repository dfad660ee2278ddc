"""What in the settings does not belong together, and what production does not put up with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

    from voiceline.settings import Settings

PREFIX = "VOICELINE_"
HEX_KEY = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
EXAMPLE_SECRETS = frozenset({"changeme", "secret", "example", "password", "12345"})
SECRET_LENGTH = 32
ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)

SIGNING = {
    "serve dashboard": ("audit_signing_key",),
    "worker upkeep": ("audit_signing_key",),
    "serve consumer": ("receipt_signing_key",),
    "worker notify": ("receipt_signing_key",),
}
"""Which process signs with which key; no other one is given any."""

SEALING = frozenset(
    {
        *("serve dashboard", "worker collect", "worker transcribe", "worker archive"),
        "worker upkeep",
    }
)
"""Which processes read or write what is sealed, and need a master key for it."""


def complaints(settings: Settings) -> list[str]:
    """Say what in the settings does not belong together."""
    found = []
    if settings.store == "s3" and not settings.s3_bucket:
        found.append(f"{PREFIX}S3_BUCKET is needed when {PREFIX}STORE is s3")
    found += [
        f"{PREFIX}{name.upper()} must be an account's 12 digits"
        for name in ("s3_bucket_owner", "keys_s3_bucket_owner", "archive_account")
        if (account := getattr(settings, name)) and not ACCOUNT.fullmatch(account)
    ]
    if settings.twilio_previous_auth_token.get_secret_value() and not (
        settings.twilio_previous_auth_token_until
    ):
        found.append(f"{PREFIX}TWILIO_PREVIOUS_AUTH_TOKEN needs ..._UNTIL, so that it ends")
    if settings.canary_from and not NUMBER.fullmatch(settings.canary_from):
        found.append(f"{PREFIX}CANARY_FROM must be a number such as +14155550123")
    found += _complaints_about_keys(settings)
    if settings.environment == "production":
        found += _production_complaints(settings)
    return found


def missing_keys(settings: Settings, process: str) -> list[str]:
    """Name the keys that this process of ours signs or seals with and was not given."""
    missing = [
        f"{PREFIX}{name.upper()} must be set for `voiceline {process}`, which signs with it"
        for name in SIGNING.get(process, ())
        if not getattr(settings, name).get_secret_value()
    ]
    if process in SEALING and not (
        settings.kms_master_key or settings.master_keys.get_secret_value()
    ):
        missing.append(
            f"{PREFIX}MASTER_KEYS or {PREFIX}KMS_MASTER_KEY must be set for `voiceline {process}`, "
            "which opens or seals voicemails"
        )
    return missing


def _complaints_about_keys(settings: Settings) -> list[str]:
    audit, receipt = (
        key.get_secret_value() for key in (settings.audit_signing_key, settings.receipt_signing_key)
    )
    found = [
        f"{PREFIX}{name}_SIGNING_KEY must be 64 hex digits: openssl rand -hex 32"
        for name, key in (("AUDIT", audit), ("RECEIPT", receipt))
        if key and not HEX_KEY.fullmatch(key)
    ]
    found += [
        f"{PREFIX}{name}_FORMER_KEYS must be public keys of 64 hex digits each"
        for name, keys in (
            ("AUDIT", settings.audit_former_keys),
            ("RECEIPT", settings.receipt_former_keys),
        )
        if not all(HEX_KEY.fullmatch(key) for key in keys)
    ]
    masters = settings.master_keys.get_secret_value()
    if masters and not all(HEX_KEY.fullmatch(key) for key in masters.split(",")):
        found.append(f"{PREFIX}MASTER_KEYS must be 64 hex digits each, comma separated")
    if audit and audit == receipt:
        found.append(f"{PREFIX}RECEIPT_SIGNING_KEY must be another key than AUDIT_SIGNING_KEY")
    return found


def _production_complaints(settings: Settings) -> list[str]:
    found = [
        f"{PREFIX}{name} must be set in production"
        for name, value in (
            ("SECRET_KEY", settings.secret_key),
            ("TWILIO_AUTH_TOKEN", settings.twilio_auth_token),
            ("DATABASE_URL", settings.database_url),
            ("REDIS_URL", settings.redis_url),
        )
        if not value.get_secret_value()
    ]
    secret = settings.secret_key.get_secret_value()
    if len(secret) < SECRET_LENGTH or secret.lower() in EXAMPLE_SECRETS:
        found.append(f"{PREFIX}SECRET_KEY must be at least {SECRET_LENGTH} random characters")
    if settings.twilio_auth_token.get_secret_value().lower() in EXAMPLE_SECRETS:
        found.append(f"{PREFIX}TWILIO_AUTH_TOKEN is an example; use the account's own")
    found += [
        f"{PREFIX}{name} must be https:// in production"
        for name in ("TELEPHONE_URL", "DASHBOARD_URL", "CONSUMER_URL")
        if not str(getattr(settings, name.lower())).startswith("https://")
    ]
    return found


def explain(error: ValidationError) -> list[str]:
    """Name each wrong variable and why, without repeating what may be a secret."""
    return [
        f"{PREFIX}{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}"
        if problem["loc"]
        else problem["msg"].removeprefix("Value error, ")
        for problem in error.errors(include_input=False)
    ]
