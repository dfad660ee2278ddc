"""Mail into a folder of .eml files: what an installation without a mail server can read."""

from __future__ import annotations

import hashlib
import re
from email import policy
from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.adapters.durable_files import disk_errors, make_folders, write_durably
from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from email.message import EmailMessage


class FolderMailer:
    """Mailer into a folder: one file a Message-ID, however often it is sent."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root).absolute()
        with disk_errors():
            make_folders(self.root)

    def send(self, message: EmailMessage) -> None:
        path = self.root / file_name(message_id(message))
        with disk_errors():
            if not path.exists():
                write_durably(path, message.as_bytes(policy=policy.SMTP))


def message_id(message: EmailMessage) -> str:
    """Answer the Message-ID, which is what makes sending twice harmless, or raise."""
    identifier = str(message["Message-ID"] or "").strip()
    if not identifier:
        raise PermanentFailure("the message has no Message-ID: it could be sent twice")
    return identifier


def file_name(identifier: str) -> str:
    """Answer a name that is readable and, by its digest, different for different ids."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", identifier).strip("-")[:80]
    return f"{readable}.{hashlib.sha256(identifier.encode()).hexdigest()[:16]}.eml"
