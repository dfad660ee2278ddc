"""What a view reads of its surroundings: services, the clock, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.dashboard.assets import Asset
    from voiceline.models import Business, Membership, User

EXTENSION = "voiceline"


@dataclass(frozen=True)
class Context:
    """What one dashboard was built with."""

    services: Services
    clock: Callable[[], datetime]
    assets: Mapping[str, Asset]


def context() -> Context:
    """Answer what this dashboard was built with."""
    return cast("Context", current_app.extensions[EXTENSION])


def services() -> Services:
    """Answer the services of this process."""
    return context().services


def secret() -> str:
    """Answer the secret key of the installation."""
    return services().settings.secret_key.get_secret_value()


def now() -> datetime:
    """Answer the moment."""
    return context().clock()


def transaction() -> AbstractContextManager[Session]:
    """Open a transaction that commits at the end of its block, before a page is rendered."""
    return services().sessions.begin()


def user() -> User:
    """Answer who is signed in; the gate let nobody else through."""
    return cast("User", g.user)


def memberships() -> list[Membership]:
    """Answer all the places of who is signed in, read anew for this request."""
    return cast("list[Membership]", g.memberships)


def business() -> Business:
    """Answer the business in the address, of which the signed-in person is a member."""
    return cast("Membership", g.membership).business
