"""Who may speak: our signature against the vendor's own, and the keys that count at a moment."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from voiceline.settings import load_settings
from webhooks.signature import SHA1, SHA256, Keys, is_signed, keys_at, sign

TOKEN = "12345"
SHARED = {"SK1": "the first", "SK2": "the second"}
KEYS = Keys((TOKEN,), SHARED)
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FACTS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
DUPLICATES = [("Sid", "CA123"), ("SidAccount", "AC123")] + [
    ("Digits", digits) for digits in ("5678", "1234", "1234")
]
WITH_443 = "https://mycompany.com:443/myapp.php?foo=1&bar=2"
WITH_80 = "http://mycompany.com:80/myapp.php?foo=1&bar=2"
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)

hosts = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)
ports = st.one_of(st.just(""), st.integers(1, 65535).map(lambda port: f":{port}"))
paths = st.from_regex(r"(/[A-Za-z0-9._~%-]{1,8}){1,3}", fullmatch=True)
queries = st.one_of(st.just(""), st.from_regex(r"\?[A-Za-z0-9=&%+._-]{1,30}", fullmatch=True))
urls = st.builds(
    "{}://{}{}{}{}".format, st.sampled_from(["http", "https"]), hosts, ports, paths, queries
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(words, words), max_size=8)


@pytest.mark.parametrize(
    ("algorithm", "url", "form", "expected"),
    [
        (SHA1, URL, FACTS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (SHA256, URL, FACTS, "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
        (SHA1, WITH_443, FACTS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (SHA1, WITH_80, FACTS, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (SHA1, URL, DUPLICATES, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
    ids=["sha1", "sha256", "port 443", "port 80", "duplicates"],
)
def test_the_carriers_published_vectors_hold(algorithm, url, form, expected):
    assert sign(TOKEN, url, form, algorithm) == expected


@given(urls, forms, st.sampled_from([SHA1, SHA256]))
@settings(max_examples=80, deadline=None)
def test_we_sign_as_the_vendors_library_signs(url, form, algorithm):
    theirs = RequestValidator(TOKEN).compute_signature(url, MultiDict(form), algorithm)

    assert sign(TOKEN, url, form, algorithm) == theirs


@given(urls, forms, st.booleans())
@settings(max_examples=80, deadline=None)
def test_we_accept_what_the_vendors_library_accepts(url, form, with_default_port):
    signed_url = _other_port(url) if with_default_port else url
    given_signature = RequestValidator(TOKEN).compute_signature(signed_url, MultiDict(form))

    theirs = RequestValidator(TOKEN).validate(url, MultiDict(form), given_signature)

    assert _accepts(url, form, given_signature) == theirs
    assert theirs or with_default_port


@given(urls, forms, forms)
@settings(max_examples=60, deadline=None)
def test_we_refuse_what_the_vendors_library_refuses(url, form, changed):
    given_signature = RequestValidator(TOKEN).compute_signature(url, MultiDict(form))

    theirs = RequestValidator(TOKEN).validate(url, MultiDict(changed), given_signature)

    assert _accepts(url, changed, given_signature) == theirs


@given(words.filter(bool), words)
def test_a_blank_parameter_is_signed_like_any_other(name, value):
    assume(name != "Digits")
    form = [("Digits", value), (name, "")]

    assert _accepts(URL, form, sign(TOKEN, URL, form))
    assert not _accepts(URL, form[:1], sign(TOKEN, URL, form))


@given(st.text(max_size=60))
def test_no_signature_breaks_or_opens_the_door(signature):
    assert not _accepts(URL, FACTS, signature)


@pytest.mark.parametrize("other", [" ", "\t", "=", "\x00"])
def test_a_signature_with_something_more_is_refused(other):
    assert not _accepts(URL, FACTS, sign(TOKEN, URL, FACTS) + other)


@pytest.mark.parametrize("key", SHARED)
def test_a_shared_key_signs_with_sha256(key):
    signature = sign(SHARED[key], URL, FACTS, SHA256)

    assert _accepts(URL, FACTS, signature, f"key={key},algorithm=HMAC_SHA256")
    assert _accepts(URL, FACTS, signature, f"algorithm=HMAC_SHA256 , key={key}")


@pytest.mark.parametrize(
    ("secret", "algorithm", "scheme"),
    [
        (TOKEN, SHA1, "key=SK1,algorithm=HMAC_SHA256"),
        (TOKEN, SHA256, "key=SK1,algorithm=HMAC_SHA256"),
        (SHARED["SK1"], SHA1, "key=SK1,algorithm=HMAC_SHA256"),
        (SHARED["SK1"], SHA1, "key=SK1,algorithm=HMAC_SHA1"),
        (SHARED["SK1"], SHA1, "key=SK1"),
        (SHARED["SK1"], SHA1, None),
        (SHARED["SK1"], SHA256, None),
        (TOKEN, SHA256, None),
        (TOKEN, SHA1, "algorithm=HMAC_SHA1"),
        (TOKEN, SHA1, "key=,algorithm=HMAC_SHA1"),
        (SHARED["SK2"], SHA256, "key=SK1,algorithm=HMAC_SHA256"),
        (SHARED["SK1"], SHA256, "key=SK3,algorithm=HMAC_SHA256"),
        (SHARED["SK1"], SHA256, "key=SK1,algorithm=HMAC_MD5"),
        (SHARED["SK1"], SHA256, "nonsense"),
        (SHARED["SK1"], SHA256, ",,,=,="),
        ("", SHA256, "key=,algorithm=HMAC_SHA256"),
    ],
)
def test_nothing_is_downgraded_or_taken_for_another(secret, algorithm, scheme):
    signature = sign(secret, URL, FACTS, algorithm)

    assert not _accepts(URL, FACTS, signature, scheme)


def test_an_empty_secret_opens_nothing():
    keys = Keys((), {"SK1": ""})

    signature = sign("", URL, FACTS)

    assert not _accepts(URL, FACTS, signature, keys=keys)
    assert not _accepts(
        URL, FACTS, sign("", URL, FACTS, SHA256), "key=SK1,algorithm=HMAC_SHA256", keys=keys
    )


def test_another_body_is_named_by_its_hash_in_the_url():
    body = b'{"a": 1}'
    url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"

    assert _accepts(url, None, sign(TOKEN, url, []), body=body)
    assert not _accepts(url, None, sign(TOKEN, url, []), body=body + b" ")
    assert not _accepts(URL, None, sign(TOKEN, URL, []), body=body)


@pytest.mark.parametrize(
    ("moment", "tokens"),
    [
        (UNTIL - timedelta(microseconds=1), ("new" * 12, "old" * 12)),
        (UNTIL, ("new" * 12,)),
        (UNTIL + timedelta(days=1), ("new" * 12,)),
    ],
    ids=["inside", "at its end", "afterwards"],
)
def test_the_previous_token_counts_until_its_moment(rotating, moment, tokens):
    assert keys_at(rotating, moment).tokens == tokens


def test_shared_keys_are_read_from_the_settings(rotating):
    assert keys_at(rotating, UNTIL).shared == {"SK1": "a=b", "SK2": "c"}


def test_without_a_rotation_only_one_token_counts(environment):
    environment.setenv("VOICELINE_TWILIO_AUTH_TOKEN", "new" * 12)

    assert keys_at(load_settings(), UNTIL).tokens == ("new" * 12,)


def _accepts(url, form, signature, scheme=None, *, keys=KEYS, body=b""):
    return is_signed(keys=keys, url=url, form=form, body=body, signature=signature, scheme=scheme)


def _other_port(url):
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    default = {"https": 443, "http": 80}[scheme]
    other = host.split(":")[0] if ":" in host else f"{host}:{default}"
    return f"{scheme}://{other}{slash}{path}"


@pytest.fixture
def rotating(environment):
    environment.setenv("VOICELINE_TWILIO_AUTH_TOKEN", "new" * 12)
    environment.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN", "old" * 12)
    environment.setenv("VOICELINE_TWILIO_PREVIOUS_AUTH_TOKEN_UNTIL", UNTIL.isoformat())
    environment.setenv("VOICELINE_TWILIO_SHARED_KEYS", "SK1=a=b, SK2=c")
    return load_settings()
