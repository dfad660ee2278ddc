"""The reasons a right may be refused for: each has its law, and an opt-out hardly any."""

from __future__ import annotations

import re

import pytest

from voiceline.errors import DenialError
from voiceline.rules.denials import (
    DENIALS,
    MOST_EXPLAINED,
    Code,
    Reason,
    check_reasons,
    citation_of,
    codes_for,
    to_records,
)
from voiceline.rules.jurisdictions import JURISDICTIONS, UNKNOWN
from voiceline.rules.rights import RIGHTS, ClockClass, Right, Verification

STOPPED = [right for right in Right if RIGHTS[right].clock == ClockClass.STOP]


def test_every_reason_is_told_in_both_languages():
    assert set(DENIALS) == set(Code)
    assert all(facts.english and facts.spanish for facts in DENIALS.values())
    assert [code for code, facts in DENIALS.items() if not facts.citation] == [Code.NOT_GRANTED]


def test_every_exception_of_the_statute_is_there():
    citations = " ".join(DENIALS[code].citation for code in codes_for(Right.DELETE))

    assert all(f"1798.105(d)({number})" in citations for number in range(1, 9))


@pytest.mark.parametrize("right", STOPPED)
def test_an_opt_out_is_refused_for_fraud_alone(right):
    assert codes_for(right) == [Code.FRAUD]
    with pytest.raises(DenialError, match=r"^Tell the facts behind fraud"):
        check_reasons(right, [Reason(Code.FRAUD)])


@pytest.mark.parametrize("right", [right for right in Right if not RIGHTS[right].may_verify])
def test_unverified_is_no_reason_where_nobody_is_verified(right):
    assert Code.UNVERIFIED not in codes_for(right)


@pytest.mark.parametrize("right", Right)
def test_a_right_the_law_does_not_know_can_be_refused_as_such(right):
    assert Code.NOT_GRANTED in codes_for(right, granted=False)
    assert Code.NOT_GRANTED not in codes_for(right)


def test_what_is_verified_can_be_refused_as_unverified():
    verified = [right for right in Right if RIGHTS[right].verification == Verification.HIGH]

    assert verified
    assert all(Code.UNVERIFIED in codes_for(right) for right in verified)


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ([], r"^A refusal needs a reason: "),
        ([Reason(Code.ACCURATE, "It is right.")], r"it cannot be refused as accurate\. It can be"),
        ([Reason(Code.SECURITY, "  ")], r"^Tell the facts behind security: a bare reason"),
        ([Reason(Code.SECURITY, "x" * (MOST_EXPLAINED + 1))], r"at most 4000 characters"),
        ([Reason(Code.UNVERIFIED), Reason(Code.UNVERIFIED)], r"given twice"),
    ],
)
def test_a_refusal_that_does_not_hold_says_why(reasons, said):
    with pytest.raises(DenialError, match=said):
        check_reasons(Right.DELETE, reasons)


def test_a_reason_is_written_down_with_its_citation():
    (record,) = to_records([Reason(Code.TAX_DOCUMENTS)])

    assert record["citation"] == "Cal. Civ. Code 1798.105(d)(8)"
    assert record["counted_as"] == "exempt"


@pytest.mark.parametrize("law", [key for key in JURISDICTIONS if key not in {"US-CA", UNKNOWN}])
def test_no_section_of_california_is_cited_elsewhere(law):
    cited = " ".join(citation_of(code, law) for code in Code)

    assert not re.search("Cal|CCR|CCPA", cited.replace("4 CCR 904-3", ""))
    assert "not sure" not in cited


@pytest.mark.parametrize(
    ("law", "code", "citation"),
    [
        (None, Code.UNVERIFIED, "11 CCR 7022(a), 7023(a), 7024(a)-(b), 7222(e)"),
        ("US-CA", Code.EXCESSIVE, "Cal. Civ. Code 1798.145(h)(3)"),
        ("US-VA", Code.UNVERIFIED, "Va. Code 59.1-577"),
        ("US-VA", Code.LEGAL_OBLIGATION, ""),
        ("US-TN", Code.UNVERIFIED, ""),
        ("US-MN", Code.NEVER_DISCLOSED, "Minn. Stat. 325M.14"),
        ("EU", Code.UNVERIFIED, "GDPR art. 12(6)"),
        ("EU", Code.TAX_DOCUMENTS, "GDPR art. 17(3)(b)"),
        ("UK", Code.EXCESSIVE, "UK GDPR art. 12(5)"),
        ("CA-FED", Code.UNVERIFIED, ""),
    ],
)
def test_a_reason_cites_the_law_of_the_residence(law, code, citation):
    assert citation_of(code, law) == citation


@pytest.mark.parametrize(
    "code", [Code.CALECPA, Code.HOUSEHOLD, Code.TOO_FREQUENT, Code.NEVER_DISCLOSED]
)
def test_what_only_california_knows_is_no_reason_in_europe(code):
    asked = [right for right in Right if code in codes_for(right)]

    assert asked
    assert not [right for right in asked if code in codes_for(right, law="EU")]


@pytest.mark.parametrize(
    "code", [Code.NOT_A_CONSUMER, Code.TOO_FREQUENT, Code.EXCESSIVE, Code.LAW_CONFLICT]
)
def test_what_rests_on_facts_is_told_with_them(code):
    with pytest.raises(DenialError, match=r"^Tell the facts behind"):
        check_reasons(Right.KNOW_CATEGORIES, [Reason(code)])


def test_a_bare_reason_cites_no_law_where_none_is_known():
    with pytest.raises(DenialError, match=r"a bare reason is not enough\.$"):
        check_reasons(Right.DELETE, [Reason(Code.SECURITY)], law="US-VA")
