"""The form that is hashed never changes: these lines and hashes were worked out once, by hand."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.audit.encoding import (
    ZEROS,
    canonical,
    entry_line,
    head_line,
    moment,
    name_digest,
    sha256,
)

BUSINESS = "4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10"
SOMEBODY = "9b2c0d34-1e57-4c9b-8a6e-2f0d4c5b6a71"
ENTRY = {
    "business_id": BUSINESS,
    "sequence": 1,
    "at": "2026-11-21T18:00:00.000000Z",
    "actor_kind": "staff",
    "actor_id": SOMEBODY,
    "actor_name": None,
    "action": "business.tier_changed",
    "subject_kind": "business",
    "subject_id": BUSINESS,
    "request_id": None,
    "facts": '{"from":"trial","to":"enterprise","voicemails":3}',
    "previous_hash": ZEROS,
}
LINE = (
    '{"action":"business.tier_changed","actor":{"id":"9b2c0d34-1e57-4c9b-8a6e-2f0d4c5b6a71",'
    '"kind":"staff","name":null},"at":"2026-11-21T18:00:00.000000Z",'
    '"business":"4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10",'
    '"facts":{"from":"trial","to":"enterprise","voicemails":3},"form":1,'
    '"previous":"0000000000000000000000000000000000000000000000000000000000000000",'
    '"request":null,"sequence":1,'
    '"subject":{"id":"4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10","kind":"business"}}'
)


def test_line_of_an_entry_stays_as_it_is():
    assert entry_line(**ENTRY) == LINE


def test_hash_is_of_the_lines_bytes():
    assert sha256(LINE) == hashlib.sha256(LINE.encode("utf-8")).hexdigest()


def test_line_of_a_head_stays_as_it_is():
    line = head_line(
        business_id=UUID(BUSINESS), day=date(2026, 11, 21), sequence=7, entry_hash="ab" * 32
    )

    assert line == (
        f'{{"business":"{BUSINESS}","day":"2026-11-21","form":1,"hash":"{"ab" * 32}","sequence":7}}'
    )


@given(
    name=st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
    action=st.from_regex(r"[a-z_]{1,20}\.[a-z_]{1,20}", fullmatch=True),
    facts=st.dictionaries(
        st.from_regex(r"[a-z]{1,9}", fullmatch=True),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("aZ09_./:-", max_size=9),
    ),
    sequence=st.integers(1, 2**53),
)
def test_line_written_out_is_canonical_json(name, action, facts, sequence):
    changed = {"actor_name": name, "action": action, "facts": canonical(facts)}

    line = entry_line(**ENTRY | changed | {"sequence": sequence})

    assert canonical(json.loads(line)) == line


@pytest.mark.parametrize("column", [name for name, text in ENTRY.items() if isinstance(text, str)])
@pytest.mark.parametrize("text", ['a","b":"c', "a\\", "a\nb", "é", "\x00"])
def test_no_column_can_pass_for_another(column, text):
    with pytest.raises(ValueError, match=r"."):
        entry_line(**ENTRY | {column: text})


@pytest.mark.parametrize("facts", ['{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', "[]", "1", ""])
def test_facts_that_are_not_canonical_are_refused(facts):
    with pytest.raises(ValueError, match=r"."):
        entry_line(**ENTRY | {"facts": facts})


def test_moments_are_utc_to_the_microsecond():
    west = timezone(timedelta(hours=-8))

    found = [
        moment(datetime(2026, 11, 21, 10, tzinfo=west)),
        moment(datetime(2026, 11, 21, 18, 0, 0, 1, tzinfo=UTC)),
    ]

    assert found == ["2026-11-21T18:00:00.000000Z", "2026-11-21T18:00:00.000001Z"]


def test_same_name_has_another_digest_with_another_salt():
    assert name_digest("a", "Alice") == sha256("a\nAlice") != name_digest("b", "Alice")
