"""What an archive says of each message: its name, its line, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from voiceline.models import PrivacyRequest, Voicemail

OK, ALTERED, LOST, GONE, CUT = "ok", "altered", "lost", "gone", "unreadable"
AWAITED, NONE = "awaited", "none"
WHY = {
    ALTERED: "What the store holds is not what was stored: its SHA-256 is another.",
    LOST: "It is recorded as stored, but the store does not have it.",
    GONE: "It expired or was erased before it could be sent.",
    AWAITED: "Its audio has not reached us yet; we go on fetching it. Take it again later.",
    NONE: "The carrier kept no audio of it: it was too short, or silent.",
    CUT: "The store failed while it was read: what is here of it is not whole.",
}
INDEX_HEAD = (
    *("file", "reference", "asked_of", "service_code", "recorded_at", "time_zone"),
    *("rights", "status", "respond_by", "language", "seconds", "bytes", "sha256"),
    *("ours_expires_at", "result"),
)
README = """\
Voicemails of {business}, taken away on {made} (UTC).

audio/          {count} voicemails, WAV, as they were recorded
index.csv       a line for each message: its request, its dates, its SHA-256 as we recorded it
SHA256SUMS.txt  the SHA-256 of each file as it was sent
problems.csv    only where a message is missing or altered: which, and why

Check that nothing was changed on its way:

    sha256sum --check SHA256SUMS.txt

What you hold stays when our copy expires, and is yours to protect and to delete.
"""


class Names:
    """Names of files: the reference, the business's date, and a number where those are the same."""

    def __init__(self) -> None:
        self._latest, self._used = "", set[str]()

    def of(self, voicemail: Voicemail, request: PrivacyRequest, zone: str) -> str:
        """Answer a name no other file has; messages of one request follow one another."""
        if request.reference != self._latest:
            self._latest, self._used = request.reference, set()
        day = voicemail.recorded_at.astimezone(ZoneInfo(zone)).date()
        stem = f"audio/VL-{grouped(request.reference)}_{day}"
        number, name = 1, f"{stem}.wav"
        while name in self._used:
            number += 1
            name = f"{stem}_{number}.wav"
        self._used.add(name)
        return name


def index_row(
    name: str, voicemail: Voicemail, request: PrivacyRequest, zone: str, result: str
) -> list[str]:
    """Answer the cells of a message's line, its moments in the business's zone."""
    here = ZoneInfo(zone)
    code, expires_at = request.service_code, voicemail.expires_at
    rights = sorted(each.right.value for each in request.asked_rights if each.right)
    return [
        *(name, grouped(request.reference), code.brand or "", code.code),
        *(voicemail.recorded_at.astimezone(here).isoformat(), zone),
        *(" ".join(rights), request.status.value, request.respond_by.isoformat()),
        *(request.language, f"{(voicemail.duration_ms or 0) / 1000:.1f}"),
        *(str(voicemail.size or 0), voicemail.sha256 or ""),
        *(expires_at.astimezone(here).isoformat() if expires_at else "", result),
    ]
