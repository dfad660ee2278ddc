"""An OpenID provider on loopback that says whatever a test wants it to, honest by default."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from fakes.loopback import served
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

RSA = RSAKey.generate_key(2048, {"kid": "one"})
FOREIGN = RSAKey.generate_key(2048, {"kid": "one"})
EC = ECKey.generate_key("P-256", {"kid": "two"})


@dataclass
class CrookedProvider:
    """What it says, and what was asked of it."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Added to those of an honest token; None takes one away."""
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    metadata: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSA)
    unsigned: bool = False
    answers: dict[str, Response] = field(default_factory=dict)
    """What to answer at a path in place of what is right."""
    asked: list[str] = field(default_factory=list)
    nonces: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def sign_in(self, address: str, **claims: Any) -> dict[str, str]:
        """Be the page a person signs in on: answer what the browser brings back."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = asked["nonce"], asked["code_challenge"]
        self.claims |= claims
        return {"code": code, "state": asked["state"]}

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        answer = self.answers.get(request.path) or self._answer(request)
        return answer(environ, start)

    def _answer(self, request: Request) -> Response:
        match request.path:
            case "/.well-known/openid-configuration":
                return _json(self._metadata())
            case "/jwks":
                return _json({"keys": [each.as_dict(private=False) for each in (RSA, EC)]})
            case "/token":
                return self._token(request)
        return Response(status=404)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        } | self.metadata

    def _token(self, request: Request) -> Response:
        code = request.form.get("code", "")
        nonce, challenge = self.nonces.get(code, ("", ""))
        verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        proved = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() == challenge
        if not proved or code in self.used:
            return _json({"error": "invalid_grant"}, 400)
        self.used.add(code)
        now = int(time.time())
        honest = {"iss": self.issuer, "sub": "1", "aud": "voiceline", "nonce": nonce}
        claims = honest | {"iat": now, "exp": now + 300} | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return _json({"access_token": "a", "token_type": "Bearer", "id_token": self._sign(kept)})

    def _sign(self, claims: dict[str, Any]) -> str:
        payload = json.dumps(claims).encode()
        if self.unsigned:
            parts = (b'{"alg":"none"}', payload)
            return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts) + "."
        allowed = ["RS256", "ES256", "HS256", "RS384"]
        registry = jws.JWSRegistry(algorithms=allowed, strict_check_header=False)
        return jws.serialize_compact(self.header, payload, self.key, registry=registry)


@contextmanager
def crooked_provider() -> Iterator[CrookedProvider]:
    """Run one on a free port of loopback."""
    provider = CrookedProvider()
    with served(provider) as provider.issuer:
        yield provider


def _json(said: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(said), status=status, content_type="application/json")
