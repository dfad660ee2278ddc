"""Who may do what with a business: each address, with the least role of who may.

Written down apart from the gate, so that a role changed there by mistake is seen here.
"""

from __future__ import annotations

import re

from voiceline.models import Role

VIEWER = """
GET /codes
GET /first-steps
POST /first-steps/hide
POST /first-steps/show
GET /greetings
GET /greetings/<code_id>/<any(en,es):language>
GET /greetings/<code_id>/<any(en,es):language>/versions/<int(max=999999):number>/audio.wav
GET /members
BOTH /members/leave
GET /metrics
GET /metrics.json
BOTH /notices
POST /notices/calendar
GET /overview
GET /records
GET /requests
GET /requests/<request_id>
GET /requests/<request_id>/audio.wav
GET /requests/<request_id>/download
GET /requests/<request_id>/letters/<letter_id>
GET /requests/<request_id>/notes/<note_id>
GET /requests/<request_id>/notes/<note_id>/attachments/<attachment_id>
POST /requests/<request_id>/read
POST /requests/<request_id>/unread
GET /requests/<request_id>/voicemails/<voicemail_id>/audio.mp3
GET /requests/<request_id>/voicemails/<voicemail_id>/audio.wav
GET /requests/<request_id>/voicemails/<voicemail_id>/download
GET /requests/<request_id>/voicemails/<voicemail_id>/player
GET /requests/<request_id>/voicemails/<voicemail_id>/transcript
GET /requests/bulk/<bulk_id>
GET /requests/bulk/<bulk_id>/progress
POST /requests/keys
GET /requests/news
BOTH /requests/views
POST /requests/views/<view_id>/delete
POST /requests/views/<view_id>/open-with
POST /requests/views/<view_id>/rename
GET /requests/views/counts
GET /settings
"""

AGENT = """
GET /line.csv
GET /records.csv
GET /records.json
BOTH /requests/<request_id>/acknowledge
BOTH /requests/<request_id>/assign
POST /requests/<request_id>/evidence.zip
BOTH /requests/<request_id>/hand-back
BOTH /requests/<request_id>/letters/write
BOTH /requests/<request_id>/name-right
POST /requests/<request_id>/notes
POST /requests/<request_id>/notes/<note_id>
POST /requests/<request_id>/notes/<note_id>/remove
BOTH /requests/<request_id>/rights/<right_id>/appeal
BOTH /requests/<request_id>/rights/<right_id>/complete
BOTH /requests/<request_id>/rights/<right_id>/complete-in-part
BOTH /requests/<request_id>/rights/<right_id>/correct-right
BOTH /requests/<request_id>/rights/<right_id>/decide-appeal
BOTH /requests/<request_id>/rights/<right_id>/defer
BOTH /requests/<request_id>/rights/<right_id>/deny
BOTH /requests/<request_id>/rights/<right_id>/extend
BOTH /requests/<request_id>/rights/<right_id>/redirect
BOTH /requests/<request_id>/rights/<right_id>/reopen
BOTH /requests/<request_id>/rights/<right_id>/resume
BOTH /requests/<request_id>/rights/<right_id>/strike-right
BOTH /requests/<request_id>/rights/<right_id>/withdraw
BOTH /requests/<request_id>/rights/<right_id>/withdraw-appeal
BOTH /requests/<request_id>/set-contact
BOTH /requests/<request_id>/set-residence
BOTH /requests/<request_id>/set-standing
BOTH /requests/<request_id>/undo
BOTH /requests/<request_id>/verify
BOTH /requests/<request_id>/withdraw-all
POST /requests/bulk
POST /requests/bulk/<bulk_id>/undo
POST /requests/bulk/act
BOTH /requests/downloads
GET /requests/downloads/progress
POST /requests/downloads/requests.csv
POST /requests/downloads/voicemails.zip
BOTH /requests/new
"""

ADMIN = """
POST /codes
POST /codes/<code_id>/brand
BOTH /codes/<code_id>/withdraw
POST /greetings/<code_id>/<any(en,es):language>/audio
POST /greetings/<code_id>/<any(en,es):language>/keep
POST /greetings/<code_id>/<any(en,es):language>/restore
POST /greetings/<code_id>/<any(en,es):language>/standard
POST /greetings/<code_id>/<any(en,es):language>/text
BOTH /members/<membership_id>/remove
POST /members/<membership_id>/role
POST /members/invitations/<invitation_id>/again
POST /members/invitations/<invitation_id>/revoke
POST /members/invite
POST /metrics/hide
POST /metrics/publish
POST /notices/words
GET /legal-holds
POST /legal-holds/<hold_id>/lift
BOTH /requests/<request_id>/legal-hold
GET /operator-access
POST /operator-access/<grant_id>/end
POST /operator-access/<grant_id>/refuse
POST /settings
POST /settings/address
GET /trail
POST /trail/lines.txt
"""

OWNER = """
BOTH /archive
POST /archive/disconnect
GET /archive/role.json
POST /archive/test
POST /archive/waiting
POST /legal-holds
POST /operator-access/<grant_id>/approve
GET /sign-in
POST /sign-in/domains
POST /sign-in/domains/<domain_id>/check
POST /sign-in/domains/<domain_id>/remove
POST /sign-in/provider
POST /sign-in/provider/remove
POST /sign-in/provider/test
POST /sign-in/rules
"""

METHODS = {"GET": ("GET",), "POST": ("POST",), "BOTH": ("GET", "POST")}
BUSINESS = "/businesses/<uuid:business_id>"

LEAST: dict[tuple[str, str], Role] = {
    (each, BUSINESS + re.sub(r"<(\w+_id)>", r"<uuid:\1>", path)): role
    for role, table in zip(Role, (VIEWER, AGENT, ADMIN, OWNER), strict=True)
    for method, path in map(str.split, table.split("\n")[1:-1])
    for each in METHODS[method]
}

UNDER_GRANT = """
GET /codes
GET /greetings
GET /greetings/<code_id>/<any(en,es):language>
GET /greetings/<code_id>/<any(en,es):language>/versions/<int(max=999999):number>/audio.wav
GET /members
GET /metrics
GET /overview
GET /records
GET /requests
GET /requests/<request_id>
GET /requests/<request_id>/audio.wav
GET /requests/<request_id>/download
GET /requests/<request_id>/letters/<letter_id>
GET /requests/<request_id>/voicemails/<voicemail_id>/audio.mp3
GET /requests/<request_id>/voicemails/<voicemail_id>/audio.wav
GET /requests/<request_id>/voicemails/<voicemail_id>/download
GET /requests/<request_id>/voicemails/<voicemail_id>/player
GET /requests/<request_id>/voicemails/<voicemail_id>/transcript
GET /requests/news
GET /settings
"""

GRANTED = {
    (method, BUSINESS + re.sub(r"<(\w+_id)>", r"<uuid:\1>", path))
    for method, path in map(str.split, UNDER_GRANT.split("\n")[1:-1])
}
"""What one of the operator's people reads under a running grant; all else is closed to them."""
