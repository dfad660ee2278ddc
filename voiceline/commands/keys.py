"""The signing keys, for the commands that sign, check or print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.audit.keys import SigningKey, as_pem
from voiceline.errors import SettingsError
from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from pydantic import SecretStr


def read_key(key: SecretStr, name: str) -> SigningKey:
    """Answer the key of that setting; SettingsError where this process was not given it."""
    seed = key.get_secret_value()
    if not seed:
        raise SettingsError(f"{PREFIX}{name} must be set for this command")
    return SigningKey(seed)


def in_words(key: SigningKey) -> str:
    """Print the public half: its id, its digits, and as OpenSSL reads it."""
    return f"key {key.id}\nEd25519 {key.public}\n{as_pem(key.public).rstrip()}"
