"""What a business's pages ask of how somebody came in, and what a business's provider may open.

A business's own provider speaks for that business alone: whoever runs it could let anybody in as
anyone, and must get no further than their own pages. A session that came through it opens no other
business, and changes nothing of what its person signs in with elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, redirect, render_template, request, url_for

from voiceline.code_apps import has_code_app
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import transaction_across
from voiceline.dashboard.openid import origin_of
from voiceline.identities import has_own_ways
from voiceline.models import SignInWay
from voiceline.providers import find_provider, provider_of

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from voiceline.models import Business, IdentityProvider, LoginSession

TWO_THINGS = frozenset(
    {SignInWay.PASSWORD_AND_CODE, SignInWay.PASSKEY, SignInWay.BUSINESS_PROVIDER}
)
"""Ways that are two things proved; Google is one, and a second where its person has an app."""

ACCOUNT = "/account"
NEVER = frozenset({"GET", "HEAD"})


def ask_for_way(business: Business | None) -> ResponseReturnValue | None:
    """Answer what stands in the way of who is signed in, or None."""
    login: LoginSession = g.login
    if login.identity_provider_id is not None:
        answer = _ask_of_provider(login, login.identity_provider_id, business)
        if answer is not None:
            return answer
    if business is None:
        return None
    if business.single_sign_on_only:
        return _ask_for_provider(login, business)
    if business.needs_second_step and not _has_second(login):
        return redirect(url_for("two_step.show_two_step"), code=303)
    return None


def _ask_of_provider(
    login: LoginSession, provider_id: UUID, business: Business | None
) -> ResponseReturnValue | None:
    changes_account = request.path.startswith(ACCOUNT) and request.method not in NEVER
    if business is None and not changes_account:
        return None
    with transaction_across() as database:
        through = find_provider(database, provider_id)
        if through is None:
            return None
        own = business is None and has_own_ways(database, login.user, through)
    if business is not None and through.business_id != business.id:
        return _say_other(through, f"It does not open {business.name}.")
    if own:
        return _say_other(through, "It changes nothing of how you sign in elsewhere.")
    return None


def _ask_for_provider(login: LoginSession, business: Business) -> ResponseReturnValue | None:
    with transaction_across() as database:
        provider = provider_of(database, business.id)
    if provider is None or login.identity_provider_id == provider.id:
        return None
    g.form_targets = [origin_of(provider.issuer)]
    wanted = local_path(request.full_path.rstrip("?")) if request.method in NEVER else None
    page = render_template(
        "asks_provider.html", provider=provider, business=business, wanted=wanted
    )
    return page, 403


def _has_second(login: LoginSession) -> bool:
    if login.way in TWO_THINGS:
        return True
    if login.way is not SignInWay.GOOGLE:
        return False
    with transaction_across() as database:
        return has_code_app(database, login.user)


def _say_other(through: IdentityProvider, what: str) -> ResponseReturnValue:
    g.membership = None  # nothing of the business in its frame
    return render_template("asks_other.html", through=through, what=what), 403
