"""A strict AWS of two accounts on loopback: STS with trust policies, S3 with sessions that end.

What AWS checks and moto does not: every request's signature; who may assume a role, under which
ExternalId; that a session is no longer used than it lasts; that a session may do what both the
role's policy and its own allow; whose bucket it is; in which region. What is put goes to `keep`,
which is a dictionary here, and a real S3 server in the tests that start one.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import boto3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from fakes.loopback import served
from werkzeug.wrappers import Request, Response

from voiceline.adapters.archive_bucket import ArchiveSessions
from voiceline.adapters.s3_client import code_of, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BAD = 400
QUICK = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
ROOT_OF = "arn:aws:iam::{account}:root"


@dataclass
class Role:
    """A role as its owner made it."""

    trust: dict[str, Any]
    permissions: dict[str, Any]


@dataclass
class Bucket:
    """A bucket, whose it is, and what is in it."""

    owner: str
    region: str
    objects: dict[str, bytes] = field(default_factory=dict)
    encrypts: bool = True


@dataclass
class Session:
    secret: str
    token: str
    role: str
    policy: dict[str, Any]
    ends_at: datetime


@dataclass
class FakeAws:
    """Roles, buckets and sessions by name; what was asked is in `seen`."""

    account: str
    """Whose access key calls STS: ours."""
    access_key: str = "AKIAOURS"
    secret_key: str = "our-secret"
    url: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    trouble: Callable[[str], Response | None] = lambda _action: None
    """Answers in the place of AWS when it answers anything."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    keep: Callable[[str, str, bytes], dict[str, str] | None] = lambda _bucket, _key, _data: None
    """Told of everything that is put; answers further headers, or raises what refused it."""

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        answer = self._answer(request)
        if request.method == "POST" and answer.status_code >= BAD:
            # STS wraps what S3 answers plainly
            answer.set_data(f"<ErrorResponse>{answer.get_data(as_text=True)}</ErrorResponse>")
        return answer(environ, start)

    def end_sessions(self) -> None:
        """Let every session be over now."""
        for session in self.sessions.values():
            session.ends_at = self.clock()

    def _answer(self, request: Request) -> Response:
        try:
            if request.path == "/" and request.method == "POST":
                return self._trouble("AssumeRole") or self._assume(request)
            action = {"PUT": "PutObject", "GET": "GetObject"}[request.method]
            bucket, _, key = request.path.lstrip("/").partition("/")
            action = action if key else "ListBucket"
            return self._trouble(action) or self._object(request, action, bucket, key)
        except Refused as refused:
            return refused.response

    def _trouble(self, action: str) -> Response | None:
        self.seen.append(action)
        return self.trouble(action)

    def _assume(self, request: Request) -> Response:
        _, access_key = self._signed(request, SigV4Auth, "sts")
        asked = {
            name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()
        }
        role = self.roles.get(asked["RoleArn"])
        if access_key != self.access_key or role is None or not self._trusts(role, asked):
            raise Refused(403, "AccessDenied")
        seconds = int(asked["DurationSeconds"])
        session = Session(
            secret=secrets.token_hex(20),
            token=secrets.token_hex(40),
            role=asked["RoleArn"],
            policy=json.loads(asked["Policy"]),
            ends_at=self.clock() + timedelta(seconds=seconds),
        )
        name = f"ASIA{secrets.token_hex(8).upper()}"
        self.sessions[name] = session
        return Response(
            "<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"
            f"<AssumeRoleResult><Credentials><AccessKeyId>{name}</AccessKeyId>"
            f"<SecretAccessKey>{session.secret}</SecretAccessKey>"
            f"<SessionToken>{session.token}</SessionToken>"
            f"<Expiration>{session.ends_at:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>{escape(session.role)}</Arn><AssumedRoleId>x</AssumedRoleId>"
            "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>",
            mimetype="text/xml",
        )

    def _trusts(self, role: Role, asked: dict[str, str]) -> bool:
        for statement in role.trust["Statement"]:
            equal = statement.get("Condition", {}).get("StringEquals", {})
            wanted = equal.get("sts:ExternalId")
            mine = statement["Principal"]["AWS"] == ROOT_OF.format(account=self.account)
            if mine and (wanted is None or wanted == asked.get("ExternalId")):
                return True
        return False

    def _object(self, request: Request, action: str, name: str, key: str) -> Response:
        session, _ = self._signed(request, S3SigV4Auth, "s3")
        bucket = self.buckets.get(name)
        if bucket is None:
            raise Refused(404, "NoSuchBucket")
        if request.headers.get("x-amz-expected-bucket-owner") != bucket.owner:
            raise Refused(403, "AccessDenied")
        if request.headers["Authorization"].split("/")[2] != bucket.region:
            raise Refused(400, "AuthorizationHeaderMalformed")
        arn = f"arn:aws:s3:::{name}/{key}" if key else f"arn:aws:s3:::{name}"
        role = self.roles.get(session.role)
        policies = [role.permissions, session.policy] if role else []
        if not policies or not all(_allows(each, f"s3:{action}", arn) for each in policies):
            raise Refused(403, "AccessDenied")
        if action != "PutObject":
            return Response(bucket.objects.get(key, b""))
        return self._put(request, bucket, name, key)

    def _put(self, request: Request, bucket: Bucket, name: str, key: str) -> Response:
        data = request.get_data()
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        if request.headers.get("x-amz-checksum-sha256") != checksum:
            raise Refused(400, "BadDigest")
        try:
            kept = self.keep(name, key, data) or {}
        except ClientError as error:
            raise Refused(status_of(error), code_of(error)) from error
        bucket.objects[key] = data
        headers = kept | {"ETag": f'"{secrets.token_hex(16)}"', "x-amz-checksum-sha256": checksum}
        asked = request.headers.get("x-amz-server-side-encryption")
        if asked and bucket.encrypts:
            headers["x-amz-server-side-encryption"] = asked
        return Response(b"", headers=headers)

    def _signed(self, request: Request, scheme: Any, service: str) -> tuple[Session, str]:
        """Answer the session that signed the request; ours has none."""
        words = dict(
            part.strip().split("=", 1)
            for part in request.headers["Authorization"].partition(" ")[2].split(",")
        )
        access_key, _day, region, *_ = words["Credential"].split("/")
        session = self.sessions.get(access_key)
        if session is None and access_key != self.access_key:
            raise Refused(403, "InvalidAccessKeyId")
        secret = session.secret if session else self.secret_key
        if words["Signature"] != _signature(request, words, secret, scheme, service, region):
            raise Refused(403, "SignatureDoesNotMatch")
        if session is None:
            if service == "s3":
                raise Refused(403, "AccessDenied")
            return Session("", "", "", {}, self.clock()), access_key
        if request.headers.get("X-Amz-Security-Token") != session.token:
            raise Refused(400, "InvalidToken")
        if self.clock() >= session.ends_at:
            raise Refused(400, "ExpiredToken")
        return session, access_key


class Refused(Exception):  # noqa: N818 - it is an answer
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.response = refusal(status, code)


def refusal(status: int, code: str) -> Response:
    """Answer as both services do: the code in XML."""
    text = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    return Response(text, status=status, mimetype="text/xml")


@contextmanager
def fake_aws(account: str) -> Iterator[FakeAws]:
    """Start it; its `url` is the endpoint of both services."""
    aws = FakeAws(account)
    with served(aws) as aws.url:
        yield aws


def archive_sessions(aws: FakeAws) -> ArchiveSessions:
    """Answer what Voiceline has of it: our key at STS, and buckets by the sessions it gives."""

    def open_bucket(credentials: Any, region: str) -> Any:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=aws.url,
            region_name=region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            config=QUICK,
        )

    sts = boto3.session.Session().client(
        "sts",
        endpoint_url=aws.url,
        region_name="us-west-2",
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
        config=QUICK,
    )
    # a test may set the clock forward while it runs
    return ArchiveSessions(sts, open_bucket, clock=lambda: aws.clock())  # noqa: PLW0108


def _signature(
    request: Request, words: dict[str, str], secret: str, scheme: Any, service: str, region: str
) -> str:
    signed = words["SignedHeaders"].split(";")
    headers = {name: request.headers[name] for name in signed}
    address = urlsplit(request.environ["REQUEST_URI"] or request.url)
    url = f"{request.scheme}://{request.host}{address.path}"
    url += f"?{address.query}" if address.query else ""
    again = AWSRequest(request.method, url, data=request.get_data(), headers=headers)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    if "X-Amz-Content-SHA256" in request.headers:
        again.context["payload_signing_enabled"] = True
    auth = scheme(Credentials(words["Credential"].split("/")[0], secret), service, region)
    canonical = auth.canonical_request(again)
    return str(auth.signature(auth.string_to_sign(again, canonical), again))


def _allows(policy: dict[str, Any], action: str, arn: str) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] in {action, "s3:*"}
        and fnmatch.fnmatchcase(unquote(arn), statement["Resource"])
        for statement in policy["Statement"]
    )
