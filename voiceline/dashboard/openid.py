"""OpenID Connect through Authlib: where a browser is sent, and who came back.

What the library leaves open is shut here: of a provider's metadata only what we use is read, its
issuer must be the very one we know, signatures are RS256 or ES256, and keys come from its key set
alone, whatever a token's header says (OpenID Connect Core 3.1.3.7, RFC 9207, RFC 9700).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from voiceline.dashboard import outgoing
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

ALGORITHMS = ("RS256", "ES256")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
SECONDS_OFF = 60
"""How wrong a provider's clock may be."""

LONGEST_CLAIM = 255
UNREADABLE = (
    *(AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, LookupError),
    *(AttributeError, RuntimeError),
)
"""What the libraries raise at answers that no honest provider gives."""


class ProviderDown(TemporaryFailure):
    """A provider does not answer, or with what is no metadata of its own."""


class ProviderRefused(PermanentFailure):
    """What came back proves nobody."""


@dataclass(frozen=True)
class Provider:
    """One provider as we are its client."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    id: UUID | None = None
    """The business's provider; None for Google."""


@dataclass(frozen=True)
class Proven:
    """Who a provider says has come."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str | None
    authenticated_at: float | None
    """Seconds since 1970, where the provider said when its own sign-in was."""


def start(
    provider: Provider, back: str, *, anew: bool = False, loopback: bool = False
) -> tuple[str, dict[str, str]]:
    """Answer where the browser goes, and what must be kept until it is back.

    `anew`: the provider is to ask who is there even if it knows. Raises ProviderDown.
    """
    asked: dict[str, str] = {"prompt": "login", "max_age": "0"} if anew else {}
    try:
        client = _client(provider, loopback=loopback)
        made = client.create_authorization_url(back, **asked)
    except (RequestException, *UNREADABLE) as error:
        raise ProviderDown(f"{provider.name} does not answer") from error
    kept = {name: made[name] for name in ("state", "nonce", "code_verifier")}
    return made["url"], kept | {"back": back, "started": str(int(time.time()))}


def come_back(
    provider: Provider,
    said: Mapping[str, str],
    kept: Mapping[str, str],
    *,
    loopback: bool = False,
) -> Proven:
    """Answer who came back, or raise ProviderRefused or ProviderDown."""
    if "error" in said or not said.get("code") or said.get("state") != kept["state"]:
        raise ProviderRefused(f"{provider.name} did not sign anybody in")
    try:
        client = _client(provider, loopback=loopback)
        _check_sender(client, said, provider)
        token = client.fetch_access_token(
            redirect_uri=kept["back"], code=said["code"], code_verifier=kept["code_verifier"]
        )
        claims = client.parse_id_token(
            token,
            nonce=kept["nonce"],
            claims_options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            leeway=SECONDS_OFF,
        )
        return _proven(provider, client, token, dict(claims))
    except RequestException as error:
        raise ProviderDown(f"{provider.name} does not answer") from error
    except UNREADABLE as error:
        raise ProviderRefused(f"what {provider.name} said proves nobody") from error


def is_fresh(proven: Proven, kept: Mapping[str, str]) -> bool:
    """Tell whether the provider asked who is there after we sent the browser to it."""
    at = proven.authenticated_at
    return at is not None and at >= float(kept["started"]) - SECONDS_OFF


def origin_of(address: str) -> str:
    """Answer the scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(address: str) -> str:
    """Answer the host of an address."""
    return urlsplit(address).hostname or ""


def is_allowed(address: object, *, loopback: bool) -> bool:
    """Tell whether an address may be asked at all: https, or a server of development."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
        _ = parts.port
    except ValueError:
        return False
    odd = parts.username or parts.password or parts.fragment or not parts.hostname
    if odd:
        return False
    near = loopback and parts.hostname in outgoing.LOOPBACK_NAMES
    return parts.scheme == "https" or (parts.scheme == "http" and near)


class _Session(OAuth2Session):
    def __init__(self, *args: Any, loopback: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        outgoing.limit(self, loopback=loopback)


class _Client(FlaskOAuth2App):
    client_cls = _Session
    server_metadata: dict[str, Any]
    expected_issuer = ""

    def load_server_metadata(self) -> dict[str, Any]:
        """Read the provider's metadata once, and of it what is ours to use."""
        if "issuer" not in self.server_metadata:
            loopback = self.client_kwargs["loopback"]
            issuer = self.expected_issuer
            with self._get_session() as session:
                address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                answer = session.request("GET", address, withhold_token=True)
                answer.raise_for_status()
                self.server_metadata = _read_metadata(answer.json(), issuer, loopback=loopback)
        return dict(self.server_metadata)

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002, ARG002 - Authlib's signature
        """Answer the provider's keys, read anew each time."""
        with self._get_session() as session:
            answer = session.request("GET", self.server_metadata["jwks_uri"], withhold_token=True)
            answer.raise_for_status()
            keys: dict[str, Any] = answer.json()
        return keys


def _client(provider: Provider, *, loopback: bool) -> _Client:
    client = _Client(
        FlaskIntegration("openid"),
        name="openid",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "loopback": loopback,
        },
    )
    client.expected_issuer = provider.issuer
    client.load_server_metadata()
    return client


def _read_metadata(found: dict[str, Any], issuer: str, *, loopback: bool) -> dict[str, Any]:
    if found["issuer"] != issuer:
        raise ValueError("the metadata is another issuer's")
    read = {name: found[name] for name in ENDPOINTS if name in found}
    if not all(is_allowed(address, loopback=loopback) for address in read.values()):
        raise ValueError("an endpoint is no address we ask")
    if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= set(read):
        raise ValueError("an endpoint is missing")
    # never empty: the library takes an empty list for every algorithm it likes
    offered = found.get("id_token_signing_alg_values_supported", ["RS256"])
    algorithms = [name for name in ALGORITHMS if name in offered]
    if not algorithms:
        raise ValueError("no signature that we accept")
    basic = "client_secret_basic"
    methods = found.get("token_endpoint_auth_methods_supported", [basic])
    return read | {
        "issuer": issuer,
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_method": basic if basic in methods else "client_secret_post",
        "says_issuer": bool(found.get("authorization_response_iss_parameter_supported")),
    }


def _check_sender(client: _Client, said: Mapping[str, str], provider: Provider) -> None:
    """Refuse an answer of another provider than the one that was asked (RFC 9207)."""
    must = client.server_metadata["says_issuer"]
    if said.get("iss", None if must else provider.issuer) != provider.issuer:
        raise ValueError("the answer is another provider's")


def _proven(
    provider: Provider, client: _Client, token: dict[str, Any], claims: dict[str, Any]
) -> Proven:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_CLAIM:
        raise ValueError("the subject is none")
    if "email" not in claims and "userinfo_endpoint" in client.server_metadata:
        more = client.get(client.server_metadata["userinfo_endpoint"], token=token)
        more.raise_for_status()
        told = more.json()
        if told["sub"] != subject:
            raise ValueError("the particulars are somebody else's")
        claims = told | claims
    email, at = claims.get("email"), claims.get("auth_time")
    name = claims.get("name")
    return Proven(
        issuer=provider.issuer,
        subject=subject,
        email=email.strip().lower() if isinstance(email, str) else None,
        email_verified=claims.get("email_verified") is True,
        name=name.strip()[:200] or None if isinstance(name, str) else None,
        authenticated_at=at if isinstance(at, int | float) else None,
    )
