"""What the answers of real mail servers are about."""

from __future__ import annotations

import pytest

from voiceline.adapters.smtp_answers import refused_mailbox, refused_message, told


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (550, b"5.1.1 <a@b.example>: Recipient address rejected: User unknown"),
        (554, b"5.1.1 No such user"),
        (550, b"No such user here"),
        (551, b"User not local"),
        (552, b"5.2.2 Mailbox full"),
        (553, b"5.1.3 Bad address syntax"),
        (556, b"5.1.10 Domain does not accept mail"),
        (550, b"5.2.1 The account is disabled"),
        (550, b"Requested action not taken: mailbox unavailable (at 10.5.1.2)"),
        (550, b"5.1.1 Access denied: user unknown"),
    ],
)
def test_mailbox_that_is_not_there_is_for_good(code, text):
    assert refused_mailbox(code, text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, b"4.1.1 Try again"),
        (530, b"5.7.0 Must issue a STARTTLS command first"),
        (530, b"5.5.1 Authentication Required"),
        (535, b"5.1.1 whatever"),
        (554, b"5.7.1 <a@b.example>: Relay access denied"),
        (554, b"Transaction failed"),
        (550, b"5.7.1 Client host blocked"),
        (550, b"5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
        (550, b"relay not permitted"),
        (550, b"Access denied - Invalid HELO name"),
        (553, b"sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
        (553, b"5.1.8 Domain of sender address does not exist"),
        (503, b"5.5.1 RCPT before MAIL"),
        (550, b"5.4.4 Unable to route"),
    ],
)
def test_what_is_wrong_with_us_is_for_now(code, text):
    assert not refused_mailbox(code, text)


@pytest.mark.parametrize(
    ("code", "text", "final"),
    [
        (554, b"5.7.1 Spam message rejected", True),
        (552, b"5.3.4 Message too big", True),
        (550, b"5.1.1 User unknown", True),
        (554, b"Message rejected: Email address is not verified.", False),
        (550, b"5.1.7 Bad sender", False),
        (530, b"5.7.0 Authentication required", False),
        (452, b"4.3.1 Out of space", False),
    ],
)
def test_refused_message_is_for_good_unless_we_are(code, text, final):
    assert refused_message(code, text) == final


@pytest.mark.parametrize(
    ("code", "text", "digits"),
    [
        (550, b"5.1.1 <anna@example.com> unknown", "550 5.1.1"),
        (550, b"anna@example.com unknown", "550"),
        (451, b"4.3.0 later, not 5.1.1", "451"),
    ],
)
def test_only_digits_of_an_answer_are_told(code, text, digits):
    assert told(code, text) == digits
