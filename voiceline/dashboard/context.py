"""What a view reads of its surroundings: services, the clock, who is signed in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import current_app, g

from voiceline.passkeys import Site
from voiceline.reach import Reach, bind
from voiceline.sealed import Sealer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from uuid import UUID

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


def sealer() -> Sealer:
    """Answer what seals and opens the secrets we keep for people."""
    settings = services().settings
    return Sealer(secret(), settings.secret_key_former.get_secret_value())


def site() -> Site:
    """Answer what a passkey is bound to: our host and the address of our pages."""
    address = urlsplit(services().settings.dashboard_url)
    return Site(address.hostname or "", f"{address.scheme}://{address.netloc}")


def now() -> datetime:
    """Answer the moment."""
    return context().clock()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a transaction that commits at the end of its block, before a page is rendered.

    It reaches the business in the address, which the gate let its member into, and without one
    none at all.
    """
    with services().sessions.begin() as session:
        yield bind(session, reach())


@contextmanager
def transaction_across() -> Iterator[Session]:
    """Open a transaction that reaches every business; only for who is not yet known or placed."""
    with services().sessions.begin() as session:
        yield bind(session, Reach.EVERYWHERE)


def reach() -> UUID | Reach:
    """Answer how far the view at hand reaches."""
    membership: Membership | None = g.get("membership")
    return membership.business_id if membership else Reach.NOWHERE


def user() -> User:
    """Answer who is signed in; the gate let nobody else through."""
    return cast("User", g.user)


def memberships() -> list[Membership]:
    """Answer all the places of who is signed in, read anew for this request."""
    return cast("list[Membership]", g.memberships)


def membership() -> Membership:
    """Answer the signed-in person's place in the business in the address."""
    return cast("Membership", g.membership)


def business() -> Business:
    """Answer the business in the address, of which the signed-in person is a member."""
    return membership().business
