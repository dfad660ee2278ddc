"""The form of verifying who asks; never there for what may be asked for by anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline import desk
from voiceline.dashboard.fields import all_of, chosen, one_of, text_of
from voiceline.dashboard.steps import Step
from voiceline.errors import IdentityError, UserError
from voiceline.rules.identity import DataPoint, Evidence, Level, Method, check_may_ask
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight

METHODS = {
    Method.MATCHED: "What they told us matches what we hold",
    Method.ACCOUNT: "They signed in to their account, once more for this",
    Method.EMAIL_LINK: "They opened a link sent to an address we held already",
    Method.POWER_OF_ATTORNEY: "The agent has a power of attorney",
    Method.SIGNED_PERMISSION: "The agent has the consumer's signed permission",
    Method.PARENTHOOD: "The parent or guardian asks",
    Method.CONFIRMATION: "They confirmed in a second step that they want to opt in",
}
POINTS = {
    DataPoint.NAME: "Name",
    DataPoint.EMAIL: "E-mail address",
    DataPoint.PHONE: "Telephone number",
    DataPoint.POSTAL_ADDRESS: "Postal address",
    DataPoint.POSTAL_CODE: "Postal code",
    DataPoint.CUSTOMER_NUMBER: "Customer number",
    DataPoint.ORDER_NUMBER: "Order number",
    DataPoint.ORDER_DATE: "Date of an order",
    DataPoint.ORDER_AMOUNT: "Amount of an order",
    DataPoint.USER_NAME: "User name",
    DataPoint.CALLER_ID: "The number that called (nothing by itself)",
}
LEVELS = {
    Level.NONE: "not verified",
    Level.REASONABLE: "verified to a reasonable degree",
    Level.HIGH: "verified to a reasonably high degree",
}


def may_not_ask(request: PrivacyRequest, _right: RequestedRight | None) -> str | None:
    """Say why nobody may be asked who they are."""
    if request.finished_at is not None:
        return "The request is answered: there is nothing to verify. It can be reopened."
    why_not = None
    for method in (Method.CONFIRMATION, Method.MATCHED):
        why_not = _why_not(request, method)
        if why_not is None:
            return None
    return why_not


def methods(sitting: Sitting) -> dict[str, Any]:
    """Show the ways that this request allows, and what may be compared."""
    may = {method: METHODS[method] for method in Method if not _why_not(sitting.request, method)}
    correct = any(right.right == Right.CORRECT for right in sitting.request.open_rights)
    return {"methods": may, "points": POINTS, "asks_correction": correct}


def verify(sitting: Sitting) -> None:
    """Note how somebody was verified, or that it failed."""
    typed = sitting.typed
    disputed = text_of(typed, "disputed")
    evidence = Evidence(
        one_of(typed, "method", Method, "how you looked"),
        all_of(typed, "point", DataPoint, "what matched"),
        declared="declared" in typed,
        disputed=chosen(DataPoint, disputed, "what is disputed") if disputed else None,
    )
    if (result := text_of(typed, "result")) not in {"passed", "failed"}:
        raise UserError("Say whether it proved who asks, or did not.")
    sitting.take(desk.verify_identity, evidence, passed=result == "passed")


def _why_not(request: PrivacyRequest, method: Method) -> str | None:
    try:
        check_may_ask([right.right for right in request.asked_rights if right.is_due], method)
    except IdentityError as error:
        return str(error)
    return None


STEPS = (
    Step(
        "verify",
        "Verify who asks",
        "Say how you looked and what matched. Only the kind of a data point is kept, never the "
        "data (11 CCR 7060-7063).",
        verify,
        of_right=False,
        barrier=may_not_ask,
        facts=methods,
        button="Note it",
    ),
)
