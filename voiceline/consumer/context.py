"""What a view reads of its surroundings: services, the clock, the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from voiceline.audit.keys import SigningKey
from voiceline.limits import counted_address
from voiceline.web_receipts import receipt_ring
from voiceline.web_texts import DEFAULT, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.audit.keys import KeyRing
    from voiceline.bootstrap import Services
    from voiceline.consumer.assets import Asset

EXTENSION = "voiceline"


@dataclass(frozen=True)
class Context:
    """What one app was built with."""

    services: Services
    clock: Callable[[], datetime]
    assets: Mapping[str, Asset]


def context() -> Context:
    """Answer what this app was built with."""
    return cast("Context", current_app.extensions[EXTENSION])


def services() -> Services:
    """Answer the services of this process."""
    return context().services


def secret() -> str:
    """Answer the secret key of the installation."""
    return services().settings.secret_key.get_secret_value()


def signing_key() -> SigningKey:
    """Answer what signs receipts."""
    return SigningKey(services().settings.receipt_signing_key.get_secret_value())


def keys() -> KeyRing:
    """Answer the keys whose receipts count."""
    settings = services().settings
    return receipt_ring(settings.receipt_seeds, settings.keys_of_receipts)


def now() -> datetime:
    """Answer the moment."""
    return context().clock()


def transaction() -> AbstractContextManager[Session]:
    """Open a transaction that commits at the end of its block, before a page is rendered."""
    return services().sessions.begin()


def language() -> str:
    """Answer the language in the address, or else the one the browser likes best."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT


def chosen_language() -> str | None:
    """Answer the language in the address, so that the next address can have it too."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def network_address() -> str:
    """Answer by what the request is counted, for limits; it is kept as a keyed hash only."""
    return counted_address(request.remote_addr)
