"""Five businesses with five policies, each opened as an operator would, by commands' own verbs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from factories import AT, make_call, make_user

from voiceline import filing
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code, open_business, open_operator
from voiceline.desk import Clerk
from voiceline.entering import Entry, enter_request
from voiceline.greetings import set_greeting
from voiceline.models import Channel
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, RequestEvent, ServiceCode, User
    from voiceline.rules.rights import Right

LETTER = Entry(Channel.EMAIL, date(2026, 11, 20), "en", (), email="dana@example.com")


@dataclass
class Office:
    """A business that holds itself to its policy, and the colleague who works there."""

    session: Session
    code: ServiceCode
    officer: User

    def is_written_to(self, *rights: Right, **facts: Any) -> PrivacyRequest:
        """Enter what came by e-mail on the twentieth."""
        entry = replace(LETTER, rights=rights, **facts)
        return enter_request(self.session, self.code, entry, self.officer, form=uuid4(), at=AT)

    def is_called(self, right: Right | None) -> PrivacyRequest:
        """File a call."""
        call = make_call(self.session, self.code, right=right)
        filing.file_request(self.session, call, received_at=AT, at=AT)
        found = filing.request_of(self.session, call)
        assert found is not None
        return found

    def do(
        self, verb: Callable[..., RequestEvent], request: PrivacyRequest, *args: Any, **facts: Any
    ) -> RequestEvent:
        """Take a step as somebody who has just looked at the request."""
        clerk = Clerk(self.officer, AT, request.version)
        return verb(self.session, request, clerk, *args, **facts)


@pytest.fixture
def open_office(session) -> Callable[..., Office]:
    def open_office(name: str, code: str, contact: str, **facts: Any) -> Office:
        business = open_business(
            session,
            name=name,
            tier=AccountTier.ENTERPRISE,
            at=AT,
            notify_address=contact,
            **facts,
        )
        given = assign_code(session, business, code, by=OPERATOR, at=AT)
        set_greeting(session, given, language="en", text=f"You have reached {name}.", at=AT)
        return Office(session, given, make_user(session, f"{name} Officer"))

    open_operator(session, name="Operator", at=AT)
    return open_office
