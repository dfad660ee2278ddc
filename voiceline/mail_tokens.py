"""The tokens of mailed links: each follows from its row's id and the installation's secret.

So a message that is written again says the same, and the database has the SHA-256 alone.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


def mail_token(row_id: UUID, secret: str) -> str:
    """Answer the token of the row's link: 43 characters."""
    digest = hmac.digest(secret.encode(), b"account link\0" + row_id.bytes, "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Answer what the database knows the token by."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
