"""The job that signs the heads of the audit trail, the first thing each day."""

from __future__ import annotations

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.audit.signing import sign_heads as sign

log = structlog.get_logger()


@excused("sign_heads")
def sign_heads() -> None:
    """Sign what moved since yesterday; a chain that does not hold is told of, and not signed."""
    built = services()
    key = SigningKey(built.settings.audit_signing_key.get_secret_value())
    ring = key_ring(key, built.settings.audit_former_keys)
    done = sign(built.engine, key, ring, now().date())
    for business_id, fault in done.broken.items():
        log.error("audit.broken", business=business_id, step=f"{fault.wrong} at {fault.sequence}")
    if done.signed:
        log.info("audit.signed", count=done.signed)
