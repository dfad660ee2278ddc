"""The health of the line: what stands still, since when, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import clock, expiry, line_health, spool
from voiceline.canary import last_proofs
from voiceline.canary_alarm import streak_of
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.line import is_watched, state_of_line
from voiceline.dashboard.wording import ago
from voiceline.deliveries import count_late, count_lost
from voiceline.number_looks import last_calls
from voiceline.reach import across
from voiceline.rules.canary import CanaryOutcome
from voiceline.rules.clocks import DOUBT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("console_health", __name__, url_prefix="/operator/health")

NAMES = {
    "collect": ("Storing voicemails", "start a worker of the queue collect"),
    "transcribe": ("Drafts", "start a worker of the queue transcribe"),
    "derive": ("Sound for browsers", "start a worker of the queue transcribe"),
    "notify": ("Mail", "start a worker of the queue notify"),
    "act_in_bulk": ("Acts on many requests", "start a worker of the queue notify"),
    "archive": ("Copies in enterprises' own buckets", "start a worker of the queue archive"),
}
"""Each kind of work in words, and what helps where nobody does it."""

ROUNDS = {
    "requeue_stalled": "Offering again what stands still",
    "replay_spool": "Taking in what waits on the disk",
    "watch_line": "Watching the line",
    "retag": "Renewing tags in the store",
    "expire": "Deleting what has expired",
    "hold_back": "Marking what an enterprise wants copied first",
    "alert_staff": "Telling people what is due",
    "look_at_numbers": "Looking at the numbers",
    "reconcile": "Comparing with the carrier's recordings",
    "forget": "Forgetting what nobody needs any more",
    "sweep_attachments": "Deleting files that nobody keeps",
    "compare_store": "Comparing rows and objects",
    "sign_heads": "Signing the trails",
    "check_domains": "Checking domains",
}
"""The scheduler's work in words."""

VERDICTS = {
    CanaryOutcome.OK: "proven",
    CanaryOutcome.LATE: "proven late",
    CanaryOutcome.FAILED: "failed",
}


@dataclass(frozen=True)
class Trouble:
    """One thing that is not right, what to do, and the heading of docs/operations.md on it."""

    what: str
    found: str
    advice: str
    heading: str = "What to watch"
    retry: bool = False


@blueprint.get("")
def show_health() -> ResponseReturnValue:
    """Show what is wrong, and then what is known of the line."""
    settings = services().settings
    with transaction() as session:
        with across(session):
            troubles = [each for look in LOOKS for each in look(session)]
            rang = last_calls(session, settings.twilio_numbers)
        backlogs = line_health.backlogs(session, at=now())
        proofs = last_proofs(session, 1)
        counts = line_health.verdicts(session, at=now())
        run = line_health.newest_run(session)
    return render_template(
        "console/health.html",
        troubles=troubles,
        rang=rang,
        numbers=settings.twilio_numbers,
        backlogs=backlogs,
        names=NAMES,
        verdicts=VERDICTS,
        proof=proofs[0] if proofs else None,
        counts=counts,
        watched=is_watched(),
        run=run,
        retried=request.args.get("retried", "")[:4],
    )


@blueprint.post("/retry")
def retry() -> ResponseReturnValue:
    """Owe the work on parked voicemails at once."""
    with transaction() as session:
        count = line_health.try_parked_again(session, business(), user(), at=now())
    return redirect(url_for(".show_health", retried=count), code=303)


def _stalled(session: Session) -> Iterator[Trouble]:
    for each in line_health.backlogs(session, at=now()):
        if each.count and each.since is not None:
            name, advice = NAMES[each.job]
            found = f"{each.count} due and not done, the oldest since {ago(each.since)}"
            yield Trouble(name, found, advice, "The processes")


def _parked(session: Session) -> Iterator[Trouble]:
    found = line_health.parked(session)
    if found.count and found.since is not None:
        said = f"{found.count} could not be stored, the oldest came {ago(found.since)}"
        why = f"The last one: {found.why or 'nobody knows why'}. Mend that; each is tried hourly"
        yield Trouble("Voicemails", said, why, retry=True)


def _mail(session: Session) -> Iterator[Trouble]:
    late, why = count_late(session, at=now())
    if late:
        said = why or "none was tried: start a worker of the queue notify"
        yield Trouble("Mail", f"{_messages(late)} owed for over an hour", said)
    lost, why = count_lost(session, at=now())
    if lost:
        advice = f"{why}: check the address; where the reason was ours, run voiceline mail again"
        yield Trouble("Mail", f"{_messages(lost)} given up this week", advice)


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _canary(session: Session) -> Iterator[Trouble]:
    for number in services().settings.twilio_numbers:
        if streak_of(session, number):
            advice = "call it yourself, then run voiceline canary list"
            yield Trouble("Canary", f"{number} was not proven", advice, "The canary")
    if is_watched():
        for each in state_of_line(session):
            if each.word == "stale":
                found = f"{each.number} was last proven {ago(each.at)}"
                yield Trouble(
                    "Canary", found, "start the scheduler and worker upkeep", "The canary"
                )


def _spool(_session: Session) -> Iterator[Trouble]:
    broken: list[Path] = []
    folder, heading = services().settings.spool_dir, "The fallback and its spool"
    waiting = sum(1 for _ in spool.events(folder, lambda path, _: broken.append(path)))
    if waiting:
        events = "1 event waits" if waiting == 1 else f"{waiting} events wait"
        found = f"{events} on this machine's disk"
        yield Trouble("Spool", found, "start worker upkeep", heading)
    if broken:
        files = "1 file" if len(broken) == 1 else f"{len(broken)} files"
        found = f"{files} on this machine's disk cannot be read"
        yield Trouble("Spool", found, "Run voiceline spool list, which names them", heading)


def _scheduler(session: Session) -> Iterator[Trouble]:
    late = line_health.late_runs(session, at=now())
    newest = line_health.newest_run(session)
    if newest is None:
        yield Trouble("Scheduler", "has never run", "start the scheduler", "The processes")
    for each in late:
        found = f"{ROUNDS.get(each.name, each.name)}: last began {ago(each.last_run_at)}"
        yield Trouble("Scheduler", found, "start the scheduler", "The processes")


def _expiry(session: Session) -> Iterator[Trouble]:
    heading = "The clock, and what does not expire"
    seen = clock.look(session, process=now())
    if seen.doubt is not None:
        advice = "Compare both clocks with the time of day, then run voiceline clock confirm"
        found = f"nothing expires. {DOUBT_WORDS[seen.doubt]}"
        yield Trouble("Clock", found, advice, heading)
    if stuck := expiry.count_stuck(session, at=seen.at):
        found = f"{stuck} expired, and the store does not delete them"
        yield Trouble(
            "Voicemails", found, "Look at the bucket's policy, versions and locks", heading
        )


LOOKS = (_stalled, _parked, _mail, _canary, _spool, _scheduler, _expiry)
