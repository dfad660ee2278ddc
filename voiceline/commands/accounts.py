"""`voiceline business`, `user`: who answers requests, and who works for them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from voiceline import accounts as account_verbs
from voiceline import businesses
from voiceline.audit import OPERATOR
from voiceline.commands.context import database, now
from voiceline.errors import UserError
from voiceline.models import Role
from voiceline.providers import open_to_any
from voiceline.rules.retention import RETENTION_DAYS, AccountTier
from voiceline.voicemails import change_tier

TRIAL_DAYS = 30
TIERS = click.Choice([tier.value for tier in AccountTier])


@click.group()
def business() -> None:
    """Open accounts, list them, change their tier."""


@business.command("add")
@click.argument("name")
@click.option("--code", help="Its service code: 1-8 digits, not starting 0, 2 or 9.")
@click.option("--tier", type=TIERS, default="trial", show_default=True)
@click.option("--time-zone", help="IANA name, such as America/New_York.")
@click.option("--notify", help="Who is told by e-mail that a request came.")
@click.option("--trial-days", default=TRIAL_DAYS, show_default=True)
def add(
    name: str,
    code: str | None,
    tier: str,
    time_zone: str | None,
    notify: str | None,
    trial_days: int,
) -> None:
    """Open an account for the business NAME; callers hear this name."""
    if time_zone:
        _check_zone(time_zone)
    with database() as session:
        opened = businesses.open_business(
            session,
            name=name,
            tier=AccountTier(tier),
            at=now(),
            time_zone=time_zone,
            notify_address=notify,
            trial_ends_at=now() + timedelta(days=trial_days),
        )
        if code:
            businesses.assign_code(session, opened, code, by=OPERATOR, at=now())
    click.echo(f"Opened {opened.name} ({tier}{f', code {code}' if code else ''}).")


@business.command("list")
def list_() -> None:
    """List the businesses with their codes."""
    with database() as session:
        for found in businesses.list_businesses(session):
            codes = ", ".join(sorted(code.code for code in found.service_codes)) or "no code"
            click.echo(f"{found.name:<32} {found.tier:<13} {found.status:<10} {codes}")


@business.command("tier")
@click.argument("name_or_code")
@click.argument("tier", type=TIERS)
@click.option("--yes", is_flag=True, help="Do not ask.")
def tier_(name_or_code: str, tier: str, *, yes: bool) -> None:
    """Move a business to another TIER, and its voicemails to that tier's last day."""
    wanted = AccountTier(tier)
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        shorter = RETENTION_DAYS[wanted] < RETENTION_DAYS[found.tier]
        if shorter and not yes:
            click.confirm(
                f"{found.name}'s voicemails would be kept {RETENTION_DAYS[wanted]} days instead of "
                f"{RETENTION_DAYS[found.tier]}; older ones expire in 30 days. Go on?",
                abort=True,
            )
        count = change_tier(session, found, wanted, by=OPERATOR, at=now())
    click.echo(f"{found.name} is {tier} now; {count} voicemails have another last day.")


@business.command("trial")
@click.argument("name_or_code")
@click.option("--days", type=click.IntRange(1, 3650), help="Let it last so long from now.")
@click.option("--end", is_flag=True, help="End it now: its codes stop answering.")
def trial(name_or_code: str, days: int | None, *, end: bool) -> None:
    """Prolong or end a business's trial; `voiceline business tier` lets it go on without an end."""
    if end == (days is not None):
        raise UserError("Say either --days N or --end.")
    until = now() + timedelta(days=days or 0)
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        businesses.set_trial_end(session, found, until, by=OPERATOR, at=now())
        name = found.name
    click.echo(f"{name}'s trial {'is over' if end else f'ends on {until:%Y-%m-%d} (UTC)'}.")


@business.command("suspend")
@click.argument("name_or_code")
def suspend(name_or_code: str) -> None:
    """Stop answering for a business; what it has stays."""
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        businesses.suspend(session, found, by=OPERATOR, at=now())
    click.echo("Suspended. `voiceline business resume` answers for it again.")


@business.command("resume")
@click.argument("name_or_code")
def resume(name_or_code: str) -> None:
    """Answer for a suspended business again."""
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        businesses.resume(session, found, by=OPERATOR, at=now())
    click.echo("Its codes answer again.")


@business.command("sign-in")
@click.argument("name_or_code")
@click.option("--any", "any_way", is_flag=True, required=True, help="Not its own provider alone.")
def sign_in(name_or_code: str, *, any_way: bool) -> None:
    """Let a business's people sign in any way again, when its own provider is lost."""
    del any_way  # said, so that nobody does it by mistake
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        open_to_any(session, found, by=OPERATOR, at=now())
    click.echo(f"The pages of {found.name} open to every way of signing in again.")


@click.group()
def user() -> None:
    """Let people sign in to the dashboard."""


@user.command("add")
@click.argument("email")
@click.option("--business", "name_or_code", required=True, help="Name or code of the business.")
@click.option("--name", help="The person's name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="owner")
def add_user(email: str, name_or_code: str, name: str | None, role: str) -> None:
    """Add a person and print the password made for them, once."""
    password = secrets.token_urlsafe(15)
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        person = account_verbs.add_user(session, email, name or email, password, now())
        account_verbs.add_member(session, found, person, Role(role), now())
    click.echo(f"{email} may sign in as {role} of {found.name} with this password:\n{password}")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise UserError(f"{name} is not a time zone such as America/New_York.") from None
