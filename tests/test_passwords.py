from __future__ import annotations

import unicodedata

import pytest
from argon2 import extract_parameters
from factories import PASSWORD

from voiceline import passwords
from voiceline.common_passwords import common_words
from voiceline.errors import TemporaryFailure, UserError
from voiceline.passwords import complaint_about, hash_password, make_hash, verify_password

EMAIL = "alice@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "kettle-otter-4",
        "correct horse battery staple",
        "ünïcödé wörds",
        "🦊🦊 seven foxes",
        "password of the old mill",
        "x" * 500 + "kettle otter",
    ],
)
def test_good_password_passes_without_special_characters(password: str):
    assert complaint_about(password, email=EMAIL) is None


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("kettle otter" + "é" * 507, "at most 1024"),
        ("alice@example.com", "e-mail address"),
        ("ALICE@example.com", "e-mail address"),
        ("aaaaaaaaaaaa", "first passwords"),
        ("abababababab", "first passwords"),
        ("123456789012", "first passwords"),
        ("password1234", "first passwords"),
        ("Password!2026", "first passwords"),
        ("qwertyqwerty", "first passwords"),
        ("voiceline-privacy-1", "first passwords"),
        ("iloveyou12345", "first passwords"),
    ],
)
def test_bad_password_is_refused_with_its_reason(password: str, said: str):
    complaint = complaint_about(password, email=EMAIL)

    assert said in complaint
    with pytest.raises(UserError, match=said):
        hash_password(password, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        *("Michelle1987!!!", "p4$$w0rd1234", "1qaz2wsx3edc", "q1w2e3r4t5y6", "qwertyuiop123"),
        *("dallascowboys1", "MichaelJordan23", "Snoopy-Snoopy-1", "tequiero1234", "charliebrown!"),
        *("liverpool2019", "starwars4ever", "LetMeIn123456", "dragondragondragon"),
    ],
)
def test_d18_password_that_leaks_have_by_the_thousand_is_refused(password: str):
    complaint = complaint_about(password, email=EMAIL)

    assert complaint is not None
    assert "first passwords" in complaint


def test_d18_at_least_3000_common_passwords_of_our_length_are_refused():
    ends = ("1", "123", "1234", "12345", "123456", "!", "1!", "2024", "2025", "2026")
    tried = {word + end for word in common_words() for end in ends if len(word + end) >= 12}
    tried |= {word * 2 for word in common_words() if len(word) >= 6}

    passed = [password for password in tried if complaint_about(password, email=EMAIL) is None]

    assert len(tried) >= 3000
    assert passed == []


@pytest.mark.parametrize(
    ("password", "names"),
    [
        ("Acme Shoes 2026", ["Acme Shoes"]),
        ("alice.abbott-99", ["Alice Abbott"]),
        ("Müller & Söhne 1", ["Müller & Söhne"]),
    ],
)
def test_d18_name_of_the_person_or_the_business_is_refused(password: str, names: list[str]):
    assert "name" in str(complaint_about(password, email=EMAIL, names=names))


def test_d18_name_without_a_letter_forbids_nothing():
    assert complaint_about("kettle-otter-4", email=EMAIL, names=["1-800", ""]) is None


def test_1024_bytes_are_not_too_many():
    assert complaint_about("kettle otter" + "é" * 506, email=EMAIL) is None


def test_hash_has_the_parameters_owasp_asks_for():
    parameters = extract_parameters(make_hash(PASSWORD))

    assert parameters.type.name == "ID"
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (47104, 1, 1)


def test_nobody_is_checked_with_the_same_effort_as_somebody():
    ours = extract_parameters(make_hash(PASSWORD))

    assert extract_parameters(passwords._NOBODY) == ours


def test_password_fits_in_any_unicode_spelling():
    stored = make_hash(unicodedata.normalize("NFC", "crème brûlée für zwei"))

    assert verify_password(stored, unicodedata.normalize("NFD", "crème brûlée für zwei"))


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper(), "x" * 5000])
def test_wrong_password_does_not_fit(password: str):
    assert not verify_password(make_hash(PASSWORD), password)


def test_nobodys_password_never_fits():
    assert not verify_password(None, PASSWORD)
    assert not verify_password(None, "")


def test_damaged_hash_fits_nothing():
    assert not verify_password("$argon2id$broken", PASSWORD)


def test_older_hash_is_to_be_made_anew():
    weaker = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)

    assert passwords.needs_rehash(weaker)
    assert not passwords.needs_rehash(make_hash(PASSWORD))


def test_whoever_finds_no_place_to_hash_is_told_to_wait(monkeypatch):
    monkeypatch.setattr(passwords, "HASHING_WAIT", 0.01)

    with (
        passwords._place_to_hash(),
        passwords._place_to_hash(),
        pytest.raises(TemporaryFailure) as refused,
    ):
        make_hash(PASSWORD)

    assert refused.value.retry_after
    assert make_hash(PASSWORD)
