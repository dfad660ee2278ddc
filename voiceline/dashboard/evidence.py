"""The evidence pack of a request, streamed; that it was taken is proven before its first byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from voiceline import audit
from voiceline.audit.keys import SigningKey
from voiceline.casework import find_request
from voiceline.dashboard.context import now, services, transaction, user
from voiceline.evidence.taking import file_name, pack_of, take_out

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint(
    "evidence", __name__, url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>"
)


@blueprint.post("/evidence.zip")
def take_pack(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Send the pack; a form's POST, so that nobody takes one by following a link."""
    at, built = now(), services()
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        dossier = take_out(session, found, audit.staff(user()), at)
    key = SigningKey(built.settings.audit_signing_key.get_secret_value())
    pack = pack_of(dossier, built.store, key)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(found, at)}"',
        "Content-Length": str(pack.size),
    }
    return Response(pack.open(), headers=headers, content_type="application/zip")
