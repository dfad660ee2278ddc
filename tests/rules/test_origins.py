from __future__ import annotations

import pytest

from voiceline.rules.origins import read_origin


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://www.acme.example", "https://www.acme.example"),
        ("www.Acme.example", "https://www.acme.example"),
        (" https://acme.example/privacy?x=1#form ", "https://acme.example"),
        ("https://acme.example:443", "https://acme.example"),
        ("https://acme.example:8443/", "https://acme.example:8443"),
        ("https://*.acme.example", "https://*.acme.example"),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_sites_are_read(written, origin):
    read = read_origin(written)

    assert read == origin


@pytest.mark.parametrize(
    "written",
    [
        *("", "*", "https://*", "https://*.com", "'self'", "http://acme.example", "acme"),
        *("https://acme.example; script-src *", "https://acme.example https://evil.example"),
        *("https://a.example,b.example", "https://user:pw@acme.example", "javascript:alert(1)"),
        *("https://acme.example:99999", "https://acme.example\r\nX: y", "https://127.0.0.1"),
        *("https://-acme.example", "data://acme.example", "https://" + "a." * 130 + "example"),
    ],
)
def test_what_is_no_site_is_refused(written):
    read = read_origin(written)

    assert read is None
