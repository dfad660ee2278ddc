"""Every rule of the dashboard as an address of the tests' world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories import unknown_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from staff import World
    from werkzeug.routing import Rule

KEYS = (
    "request_id",
    "voicemail_id",
    "right_id",
    "note_id",
    "letter_id",
    "attachment_id",
    "code_id",
    "membership_id",
    "invitation_id",
    "view_id",
    "bulk_id",
    "domain_id",
    "grant_id",
    "hold_id",
)
"""What may stand in an address of a business, besides the business."""

WORDS = {"language": "en", "number": 1}
"""What is nobody's id in an address."""

MISSING = {"view_id", "bulk_id", "attachment_id", "letter_id", "note_id", "number", "token"}
MISSING |= {"session_id", "membership_id", "invitation_id"}
MISSING |= {"grant_id", "hold_id", "domain_id", "identity_id", "passkey_id", "provider_id"}
MISSING |= {"unassigned_id"}
"""What the world has none of; the pages of each have tests of their own."""

BEHIND_LINKS = {"signing_up.show_link", "joining.show_invitation", "forgotten.show_reset"}
BEHIND_LINKS |= {"links.show_link"}
"""Pages that say, without the link that leads to them, that there is no such link."""


def routes(app: Flask, world: World) -> Iterator[tuple[Rule, str, str]]:
    """Every rule as an address of Acme's, with a method it takes."""
    ids: dict[str, object] = {
        "business_id": world.acme.id,
        "account_id": world.acme.id,
        "request_id": world.request.id,
        "voicemail_id": world.voicemail.id,
        "right_id": world.request.rights[0].id,
        "version": "0",
        "name": "pico.css",
        "token": "x" * 43,
        "code_id": world.acme_code.id,
        "language": "en",
        "number": 1,
    } | dict.fromkeys(MISSING - {"number", "token"}, unknown_id())
    with app.test_request_context():
        adapter = app.url_map.bind("127.0.0.1")
        for rule in app.url_map.iter_rules():
            values = {
                name: ids[name] for name in rule.arguments if name not in (rule.defaults or {})
            }
            path = adapter.build(rule.endpoint, values | (rule.defaults or {}))
            yield rule, path, "GET" if "GET" in rule.methods else "POST"
