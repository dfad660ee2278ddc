"""Literal tables of views: the least role of each, and which ask for a proof of presence."""

from __future__ import annotations

from voiceline.models import Role

NEEDS: dict[str, Role] = {
    "notices.choose_notices": Role.VIEWER,
    "notices.change_calendar": Role.VIEWER,
    "notices.choose_words": Role.ADMIN,
    "figures.publish": Role.ADMIN,
    "figures.hide": Role.ADMIN,
    "entering.show_form": Role.AGENT,
    "letters.show_form": Role.AGENT,
    "trail.show_trail": Role.ADMIN,
    "trail.send_lines": Role.ADMIN,
    "members.invite": Role.ADMIN,
    "members.send_again": Role.ADMIN,
    "members.revoke": Role.ADMIN,
    "members.change_role": Role.ADMIN,
    "members.show_removal": Role.ADMIN,
    "members.remove": Role.ADMIN,
    "members.leave": Role.VIEWER,
    "codes.take_code": Role.ADMIN,
    "codes.name_brand": Role.ADMIN,
    "codes.show_withdrawal": Role.ADMIN,
    "codes.withdraw": Role.ADMIN,
    "business_settings.change_settings": Role.ADMIN,
    "business_settings.choose_address": Role.ADMIN,
    **dict.fromkeys(
        (
            *(f"business_sign_in.{view}" for view in ("show_settings", "set_rules")),
            *(f"business_sign_in.{view}_provider" for view in ("set", "remove", "test")),
            *(f"business_sign_in.{view}_domain" for view in ("add", "check", "remove")),
        ),
        Role.OWNER,
    ),
    "reading.mark_as_read": Role.VIEWER,
    "reading.mark_as_unread": Role.VIEWER,
    "reading.choose_keys": Role.VIEWER,
    "views.save": Role.VIEWER,
    "views.rename": Role.VIEWER,
    "views.delete": Role.VIEWER,
    "views.choose": Role.VIEWER,
    "records.send_csv": Role.AGENT,
    "line.send_proofs": Role.AGENT,
    "records.send_json": Role.AGENT,
    "evidence.take_pack": Role.AGENT,
    "downloads.show_page": Role.AGENT,
    "downloads.show_progress": Role.AGENT,
    **dict.fromkeys(
        (
            *("console_businesses.show_opening", "console_businesses.open_business"),
            *(f"console_business.{view}" for view in ("show_tier", "change_tier", "set_trial")),
            *(f"console_business.{view}" for view in ("show_suspension", "suspend", "resume")),
            *("console_business.invite_owner", "console_codes.give_code"),
            *("console_codes.show_withdrawal", "console_codes.withdraw"),
        ),
        Role.ADMIN,
    ),
    "console_grants.take_back": Role.VIEWER,
    "holds.show_holds": Role.ADMIN,
    "holds.place_on_all": Role.OWNER,
    "holds.show_form": Role.ADMIN,
    "holds.place_on_request": Role.ADMIN,
    "holds.lift": Role.ADMIN,
    **dict.fromkeys(
        (
            *(f"archive.{view}" for view in ("show_archive", "name_place", "test", "disconnect")),
            *("archive.choose_waiting", "archive.send_template"),
        ),
        Role.OWNER,
    ),
    "grants.show_grants": Role.ADMIN,
    "grants.approve": Role.OWNER,
    "grants.refuse": Role.ADMIN,
    "grants.end": Role.ADMIN,
    "greetings.type_text": Role.ADMIN,
    "greetings.upload": Role.ADMIN,
    "greetings.keep_silence": Role.ADMIN,
    "greetings.restore": Role.ADMIN,
    "greetings.use_standard": Role.ADMIN,
    "console_unassigned.show_choice": Role.AGENT,
    "first_steps.hide": Role.VIEWER,
    "first_steps.show_again": Role.VIEWER,
}
"""The least role of a view of a business; of what is not named, viewers read and agents change."""

NEEDS_IN: dict[str, Role] = {"desk": Role.AGENT}
"""The least role of every view of a feature: the steps of casework, their forms too."""

CONFIRMED: dict[str, str] = {
    "trail.send_lines": "trail.show_trail",
    "members.invite": "members.show_members",
    "members.change_role": "members.show_members",
    "members.remove": "members.show_removal",
    "codes.withdraw": "codes.show_withdrawal",
    "console_businesses.open_business": "console_businesses.show_opening",
    "console_business.change_tier": "console_business.show_tier",
    "console_business.set_trial": "console_business.show_business",
    "console_business.suspend": "console_business.show_suspension",
    "console_business.resume": "console_business.show_business",
    "console_business.invite_owner": "console_business.show_business",
    "console_codes.give_code": "console_business.show_business",
    "console_codes.withdraw": "console_codes.show_withdrawal",
    "console_grants.ask": "console_grants.show_grants",
    "grants.approve": "grants.show_grants",
    "holds.place_on_all": "holds.show_holds",
    "holds.lift": "holds.show_holds",
    **dict.fromkeys(
        (f"archive.{view}" for view in ("name_place", "test", "disconnect", "choose_waiting")),
        "archive.show_archive",
    ),
    "account.change_address": "account.show_account",
    **dict.fromkeys(
        ("two_step.begin", "two_step.confirm_app", "two_step.renew_codes", "two_step.turn_off"),
        "two_step.show_two_step",
    ),
    **dict.fromkeys(
        (f"passkey_pages.{view}" for view in ("send_challenge", "add_passkey", "remove_passkey")),
        "passkey_pages.show_passkeys",
    ),
    **dict.fromkeys(
        ("identity_pages.link_google", "identity_pages.unlink"), "identity_pages.show_identities"
    ),
    **dict.fromkeys(
        (
            *(f"business_sign_in.{view}_provider" for view in ("set", "remove", "test")),
            *("business_sign_in.set_rules", "business_sign_in.add_domain"),
            "business_sign_in.remove_domain",
        ),
        "business_sign_in.show_settings",
    ),
}
"""Views that a session must have been confirmed for lately, and the view that their form is in.

Views that ask only for much at once call `ask_to_confirm` themselves (downloads.py, bulk.py).
"""

CONSOLE = "console_"
"""How the blueprints of the operator's console begin (voiceline/dashboard/console/)."""
