"""Literal lists of views: open to anybody, asked for by pages themselves, opened by a grant."""

from __future__ import annotations

PUBLIC = frozenset(
    {
        *("sign_in.show_form", "sign_in.submit_form", "assets.send_asset", "health.check"),
        "calendar.send_calendar",
        *(f"signing_up.{view}" for view in ("show_form", "submit_form", "show_sent")),
        *(f"signing_up.{view}" for view in ("open_link", "show_link", "open_account")),
        *(f"joining.{view}" for view in ("open_link", "show_invitation", "accept")),
        *("joining.join_as_new", "joining.sign_out"),
        *(f"forgotten.{view}" for view in ("show_form", "submit_form", "show_sent")),
        *(f"forgotten.{view}" for view in ("open_link", "show_reset", "choose_password")),
        *(f"links.{view}" for view in ("open_link", "show_link", "use_link")),
        *("second_step.show_form", "second_step.submit_form"),
        *("passkey_sign_in.send_challenge", "passkey_sign_in.submit_answer"),
        *(f"sign_in_with.{view}" for view in ("show_company", "find_company", "show_provider")),
        *("sign_in_with.start_google", "sign_in_with.start_provider"),
        *("sign_in_with.return_from_google", "sign_in_with.return_from_provider"),
        *("linking.show_form", "linking.submit_form"),
    }
)

UNATTENDED = frozenset(
    {
        *("inbox.show_news", "views.count_views", "bulk.show_progress"),
        *("requests.show_player", "requests.show_transcript"),
        "downloads.show_progress",
    }
)
"""Views a page asks for by itself: they do not keep a session alive."""

GRANTED = frozenset(
    {
        *("inbox.show_inbox", "inbox.show_news", "overview.show_overview"),
        *("requests.show_request", "requests.show_player", "requests.show_transcript"),
        *("audio.play", "audio.play_mp3", "audio.download", "letters.show_letter"),
        *("records.show_records", "figures.show_figures", "members.show_members"),
        *("codes.show_codes", "business_settings.show_settings"),
        *("greetings.show_greetings", "greetings.show_greeting", "greetings.play"),
    }
)
"""What is read under a grant: a page that nobody put here stays closed to the operator."""

TOLD_BY_THEMSELVES = frozenset(
    {
        *("requests.show_request", "letters.show_letter"),
        *("audio.play", "audio.play_mp3", "audio.download"),
    }
)
"""Of these, the views that write what was read into the trail themselves."""
