"""`voiceline`: everything an operator types."""

from __future__ import annotations

import sys

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from voiceline.commands import (
    accounts,
    audit,
    call,
    callers,
    canary,
    clock,
    codes,
    data_keys,
    data_map,
    demo,
    doctor,
    erasures,
    evidence,
    mail,
    policies,
    processes,
    receipts,
    records,
    sites,
    storage,
    tombstones,
    twilio,
)
from voiceline.commands import (
    database as database_commands,
)
from voiceline.errors import VoicelineError

FAILED = 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voiceline")
def main_group() -> None:
    """Run the toll-free line on which consumers use their privacy rights.

    Begin with `voiceline demo`. Settings come from the environment (VOICELINE_*); they are
    explained in docs/configuration.md, and `voiceline doctor` checks them.
    """


for command in (
    demo.demo,
    processes.serve,
    processes.worker,
    processes.scheduler,
    call.call,
    accounts.business,
    accounts.user,
    codes.code,
    callers.caller,
    canary.canary,
    clock.clock,
    audit.audit,
    evidence.evidence,
    receipts.receipt,
    records.records,
    data_keys.keys,
    data_map.data_map,
    policies.policy,
    erasures.erasure,
    tombstones.tombstones,
    mail.mail,
    storage.storage,
    twilio.twilio,
    database_commands.db,
    database_commands.spool_group,
    doctor.doctor,
):
    main_group.add_command(command)

for part in (sites.allow_site, sites.forbid_site, sites.list_sites):
    accounts.business.add_command(part)


def main() -> None:
    """Run a command; a user's mistake or a dead neighbour is a sentence, never a traceback."""
    try:
        main_group(prog_name="voiceline")
    except VoicelineError as error:
        _end(str(error))
    except SQLAlchemyError as error:
        _end(
            f"The database did not do what was asked ({type(error).__name__}). Check "
            "VOICELINE_DATABASE_URL and run `voiceline doctor`."
        )
    except RedisError as error:
        _end(
            f"The queue does not answer ({type(error).__name__}). Check VOICELINE_REDIS_URL, or "
            "run `voiceline demo`, which brings a Redis server of its own."
        )


def _end(words: str) -> None:
    click.echo(f"voiceline: {words}", err=True)
    sys.exit(FAILED)
