"""The secrets that development makes for itself at first start, each in a file of its own."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from pathlib import Path

    from voiceline.settings import Settings

MADE_AT_FIRST_START = (
    "secret_key",
    "audit_signing_key",
    "receipt_signing_key",
    "master_keys",
    "twilio_auth_token",
)
"""What development needs and nobody has to choose."""


def with_kept_secrets(settings: Settings) -> Settings:
    """Fill in what development makes for itself at first start and keeps."""
    made = {
        name: SecretStr(_kept_secret(settings.data_dir / name))
        for name in MADE_AT_FIRST_START
        if not getattr(settings, name).get_secret_value()
    }
    return settings.model_copy(update=made)


def _kept_secret(path: Path) -> str:
    """Answer the secret in the file; of two processes that make one, the first one's counts."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")
