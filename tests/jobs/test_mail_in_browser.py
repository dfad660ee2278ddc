"""Our messages in a real browser, light and dark, narrow and wide."""

from __future__ import annotations

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers, keep_look
from dressed_mail import ASKED, BASE, SUBJECT, page_of

from jobs import account_messages, filed_message, staff_messages

pytestmark = IN_BROWSER

FOOT = staff_messages.FOOT.format(
    address=f"{BASE}/businesses/{'1' * 36}/requests", choice=f"{BASE}/notices", unless=""
)
MAILS = {
    "filed": filed_message.TEXT.format(
        business="Acme Shoes",
        came_by="by telephone",
        reference="K7M2 9QXP",
        rights="Delete my information, Do not sell or share my information",
        respond_by="Wednesday, 30 December 2026",
        address=f"{BASE}/businesses/{'1' * 36}/requests/{'2' * 36}",
    ),
    "digest": f"{SUBJECT}\n\nDue first:\n{ASKED}\nWhat was written:\n> Please delete me.\n\n{FOOT}",
    "account": account_messages.KEEP_ADDRESS.format(address=f"{BASE}/link/{'x' * 43}"),
}


@pytest.mark.parametrize("name", MAILS)
@IN_BOTH_LOOKS
def test_a_message_can_be_read_by_everybody(windows, scheme, width, name):
    page = windows.open(color_scheme=scheme, viewport={"width": width, "height": 700})
    page.set_content(page_of(MAILS[name]))

    found = barriers(page)

    keep_look(page, f"mail-{name}-{scheme}-{width}")
    # a mail program puts a message into a page of its own, with landmarks
    assert [each for each in found if not each.startswith(("region", "landmark-one-main"))] == []
