from __future__ import annotations

import pytest

from voiceline.email_addresses import read_email


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Maria@Example.com", "maria@example.com"),
        (" maria.lopez+privacy@example.co.uk ", "maria.lopez+privacy@example.co.uk"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("maria@b\u00fccher.example", "maria@xn--bcher-kva.example"),
        ("\uff4d\uff41ria\uff20example.com", "maria@example.com"),
    ],
)
def test_written_addresses_are_read(typed, read):
    address = read_email(typed)

    assert address == read


@pytest.mark.parametrize(
    "typed",
    [
        *("", "maria", "@example.com", "maria@", "maria@@example.com", "a@b@example.com"),
        *("maria@example.com.", "maria@example", "maria@.com", "maria@example..com", "a@1.2.3.4"),
        *("maria @example.com", "a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nbody"),
        *('"maria lopez"@example.com', "a" * 65 + "@example.com", "a@" + "b" * 320 + ".com"),
        *("mar\u00eda@example.com", ".maria@example.com", "maria.@example.com", "a..b@example.com"),
        *("<maria@example.com>", "maria@exa_mple.com", "maria@example.com, b@c.example", "a@[::1]"),
        *("maria@\u200b.com", "maria@-a.com", "\x00@example.com"),
    ],
)
def test_what_is_no_address_is_refused(typed):
    address = read_email(typed)

    assert address is None
