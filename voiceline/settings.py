"""Every setting, read once from the environment (`VOICELINE_*`); a bad value stops the start.

Each secret may be given as a file instead: `VOICELINE_SECRET_KEY_FILE=/run/secrets/key`. The
string under a field is its paragraph in docs/configuration.md, which a test compares.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from voiceline.errors import SettingsError
from voiceline.kept_secrets import with_kept_secrets
from voiceline.settings_checks import complaints, explain
from voiceline.settings_reading import read_values


class Settings(BaseModel):
    """All of Voiceline's settings, with the embedded defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    environment: Literal["development", "production"] = "development"
    """`production` refuses the embedded defaults and example secrets."""
    data_dir: Path = Path("var")
    """Folder of the embedded database, queue, audio, mail, language model and spool."""
    secret_key: SecretStr = SecretStr("")
    """At least 32 characters; signs URLs' state and form tokens. Empty in development: made at
    first start and kept in the data folder."""
    secret_key_former: SecretStr = SecretStr("")
    """The secret key before the last change: what it sealed still opens."""
    audit_signing_key: SecretStr = SecretStr("")
    """64 hex digits, the private half of the Ed25519 key that signs the heads of the audit trail
    and seals evidence packs; `openssl rand -hex 32` makes one. Only `worker upkeep`, `serve
    dashboard` and the commands of `audit` and `evidence` need it: give it to nothing else. Empty in
    development: made at first start and kept in the data folder."""
    audit_former_keys: tuple[str, ...] = ()
    """Public keys that signed heads before the present one, 64 hex digits each, comma separated;
    `voiceline audit key` prints them. Without them the heads they signed count as false."""
    receipt_signing_key: SecretStr = SecretStr("")
    """64 hex digits, the private half of another Ed25519 key, which signs consumers' receipts. Only
    `serve consumer`, which gives them, and `worker notify`, which sends them, need it. Empty in
    development: made at first start and kept in the data folder."""
    receipt_former_keys: tuple[str, ...] = ()
    """Public keys that signed receipts before the present one, 64 hex digits each, comma separated;
    `voiceline receipt key` prints them. Before receipts had a key of their own, that of the audit
    trail signed them: its public key, which `voiceline audit key` prints, belongs here, too."""
    database_url: SecretStr = SecretStr("")
    """SQLAlchemy URL, `postgresql+psycopg://...`. Empty: SQLite in the data folder."""
    redis_url: SecretStr = SecretStr("")
    """`redis://`, `rediss://` or `unix://`. Empty: a Redis server of our own in the data folder."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much is logged, as JSON lines without content."""
    log_dir: Path | None = None
    """Where log files are kept, one a day, for 90 days. Empty: standard error, and whoever reads it
    must delete by the same rule."""

    telephone_url: str = "http://127.0.0.1:5080"
    """Where the carrier reaches the telephone's web server; the base every signature is checked
    against, whatever the Host header says."""
    fallback_url: str = ""
    """Where the carrier reaches the fallback's own web server. Empty: the telephone's."""
    dashboard_url: str = "http://127.0.0.1:5081"
    """Where people reach the dashboard; used in e-mails."""
    consumer_url: str = "http://127.0.0.1:5084"
    """Where consumers reach the form, the status of a request and their receipts: the short
    address that businesses print; used in e-mails."""

    master_keys: SecretStr = SecretStr("")
    """Keys of 64 hex digits, comma separated, newest first: the first wraps the data keys that seal
    voicemails and files, all of them unwrap; `openssl rand -hex 32` makes one. Whoever loses them
    loses every voicemail. Only `serve dashboard` and `worker collect`, `transcribe`, `archive` and
    `upkeep` need them. Empty in development: made at first start and kept in the data folder."""
    kms_master_key: str = ""
    """ARN of an AWS KMS key that wraps data keys from now on; those of `MASTER_KEYS` then only
    unwrap what they wrapped before. Empty: the first of `MASTER_KEYS` wraps."""
    keys_dir: Path | None = None
    """Folder of the wrapped data keys where voicemails are in a folder: on a disk whose copies are
    kept for a few days only (docs/encryption.md). Empty: `keys` in the data folder."""
    keys_s3_bucket: str = ""
    """Bucket of the wrapped data keys where voicemails are in S3: one that is not copied along with
    them. Empty: under `keys/` in the same bucket."""
    keys_s3_bucket_owner: str = ""
    """Amazon account that the bucket of the keys belongs to. Empty: as `S3_BUCKET_OWNER` says."""

    store: Literal["folder", "s3"] = "folder"
    """Where voicemails are kept."""
    s3_bucket: str = ""
    """Name of the bucket; needed when the store is `s3`."""
    s3_bucket_owner: str = ""
    """Amazon account (12 digits) that the bucket belongs to: named in every call, so that a
    bucket of that name that is somebody else's by now gets no voicemail. Empty: not checked."""
    s3_region: str = "us-east-1"
    """The bucket's region."""
    s3_endpoint_url: str = ""
    """Only for a store that is not Amazon's."""
    s3_access_key_id: str = ""
    """Empty: boto3's own search (role, profile, environment)."""
    s3_secret_access_key: SecretStr = SecretStr("")
    """Goes with the access key id."""
    s3_addressing: Literal["auto", "path", "virtual"] = "auto"
    """`path` for most stores that are not Amazon's."""
    s3_checksums: Literal["when_supported", "when_required"] = "when_supported"
    """`when_required` for stores that do not know Amazon's newer checksums."""
    s3_encryption: Literal["none", "AES256", "aws:kms"] = "AES256"
    """Server-side encryption asked for with each object."""
    s3_kms_key_id: str = ""
    """Key for `aws:kms`; empty: the bucket's own."""

    archive_account: str = ""
    """Your AWS account (12 digits), which enterprises' roles trust so that voicemails are copied
    into buckets of their own. Empty: no business can connect one."""
    archive_access_key_id: str = ""
    """May only `sts:AssumeRole`; for `serve dashboard` and `worker archive`. Empty: a role."""
    archive_secret_access_key: SecretStr = SecretStr("")
    """Goes with the access key id."""
    archive_region: str = "us-east-1"
    """Whose STS gives the sessions; the buckets may be anywhere."""
    archive_endpoint_url: str = ""
    """Only for an STS and buckets that are not Amazon's."""

    softphone_url: str = ""
    """Where colleagues find a telephone in the browser to try their greeting with, as the demo's.
    Empty: they are given the number to call."""

    twilio_api_base: str = "http://127.0.0.1:5082"
    """The carrier's REST address: `https://api.twilio.com`, or the simulator's."""
    twilio_account_sid: str = "AC00000000000000000000000000000001"
    """`AC` and 32 hex digits; webhooks of another account are refused."""
    twilio_auth_token: SecretStr = SecretStr("")
    """Signs the webhooks. Empty in development: made at first start for the simulator."""
    twilio_previous_auth_token: SecretStr = SecretStr("")
    """The token before the last rotation, still accepted until the moment below."""
    twilio_previous_auth_token_until: datetime | None = None
    """ISO 8601 with a zone; afterwards the previous token no longer opens anything."""
    twilio_shared_keys: SecretStr = SecretStr("")
    """`id=secret,id=secret`: keys of Twilio's HMAC-SHA256 signatures."""
    twilio_api_key: str = ""
    """`SK...` for REST; empty: the account and its token."""
    twilio_api_secret: SecretStr = SecretStr("")
    """Goes with the API key."""
    twilio_numbers: tuple[str, ...] = ("+18005550100",)
    """The toll-free numbers callers share, comma separated, E.164."""

    canary_from: str = ""
    """A number of yours at the carrier, E.164, from which canary calls are placed: they prove that
    the line works, and raise an alarm when it does not. Empty: none are placed."""
    canary_minutes: int = Field(default=60, ge=10, le=1440)
    """How long from one canary call to the next; each takes a minute of two lines, which costs."""

    transcriber: Literal["pocketsphinx", "none"] = "pocketsphinx"
    """What makes draft transcripts; `none` leaves every voicemail to be listened to."""
    mailer: Literal["folder", "smtp"] = "folder"
    """`folder` writes .eml files into the data folder."""
    mail_from: str = "Voiceline <no-reply@voiceline.example>"
    """Sender of every e-mail."""
    smtp_host: str = "127.0.0.1"
    """Mail server."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port."""
    smtp_username: str = ""
    """Empty: no sign-in."""
    smtp_password: SecretStr = SecretStr("")
    """Goes with the user name."""
    smtp_ca_file: str = ""
    """Certificates to trust beside the system's, for a mail server of your own."""
    smtp_starttls: bool = True
    """Whether the connection must be encrypted."""

    sign_up: Literal["open", "closed"] = "open"
    """Whether anybody may open a business's account, on trial; `closed`: you open them."""
    trial_days: int = Field(default=30, ge=1, le=365)
    """How long a trial lasts that somebody opened by signing up."""

    google_client_id: str = ""
    """The OAuth client of "Continue with Google". Empty: it is not offered."""
    google_client_secret: SecretStr = SecretStr("")
    """Goes with the client id."""
    google_issuer: str = "https://accounts.google.com"
    """Whose sign-ins they are; another one only to try them out."""
    dns_server: str = ""
    """`192.0.2.53:53`, asked for the records of domains. Empty: the first of /etc/resolv.conf."""

    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many proxies of yours stand before the web pages; each adds an address to
    X-Forwarded-For, and limits count by the one your outermost proxy saw."""
    database_pool: int = Field(default=8, ge=1, le=100)
    """Connections a process keeps to PostgreSQL."""
    attachments_megabytes: int = Field(default=10, ge=1, le=100)
    """How much the files of one note may hold together."""
    recording_seconds: int = Field(default=600, ge=30, le=3600)
    """Longest message."""
    carrier_grace_seconds: int = Field(default=1800, ge=0, le=86400)
    """How long the carrier's copy is kept when nobody told us that the call ended."""
    reconcile_hours: int = Field(default=72, ge=1, le=720)
    """How far back the carrier's recordings are compared with ours."""

    @field_validator("twilio_numbers", "audit_former_keys", "receipt_former_keys", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        *("telephone_url", "fallback_url", "dashboard_url", "consumer_url", "softphone_url"),
        "twilio_api_base",
    )
    @classmethod
    def _base_url(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.field_name in {"fallback_url", "softphone_url"}:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http:// or https:// address")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("must be an address without query, fragment or user name")
        return value.rstrip("/")

    @field_validator("twilio_previous_auth_token_until")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("needs a zone, such as 2026-12-01T00:00:00Z")
        return value

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if found := complaints(self):
            raise ValueError("\n".join(found))
        return self

    @property
    def fallback(self) -> str:
        """The base of the fallback's addresses."""
        return self.fallback_url.rstrip("/") or self.telephone_url

    @property
    def spool_dir(self) -> Path:
        """Folder of what the carrier told us while the database was away."""
        return self.data_dir / "spool"

    @property
    def shared_keys(self) -> dict[str, str]:
        """Twilio's shared keys by id."""
        pairs = self.twilio_shared_keys.get_secret_value().split(",")
        return dict(pair.strip().split("=", 1) for pair in pairs if "=" in pair)

    @property
    def receipt_seeds(self) -> tuple[str, str]:
        """The private keys at hand that signed receipts, now or before; empty: not at hand."""
        keys = self.receipt_signing_key, self.audit_signing_key
        return keys[0].get_secret_value(), keys[1].get_secret_value()

    @property
    def keys_of_receipts(self) -> tuple[str, ...]:
        """The public keys of before whose receipts count."""
        return (*self.receipt_former_keys, *self.audit_former_keys)

    @property
    def database(self) -> str:
        """The database's URL, with the embedded default filled in."""
        embedded = f"sqlite:///{self.data_dir.absolute() / 'voiceline.db'}"
        return self.database_url.get_secret_value() or embedded

    @property
    def redis(self) -> str:
        """The queue's URL, with the embedded default filled in."""
        socket = self.data_dir.absolute() / "redis" / "redis.socket"
        return self.redis_url.get_secret_value() or f"unix://{socket}"

    @property
    def embedded_redis(self) -> bool:
        """Whether the queue is a server of our own."""
        return not self.redis_url.get_secret_value()


def load_settings(environ: dict[str, str] | None = None) -> Settings:
    """Read the settings, or raise SettingsError naming the variable that is wrong."""
    found = dict(os.environ if environ is None else environ)
    values = read_values(found, frozenset(Settings.model_fields))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("\n".join(explain(error))) from None
    return with_kept_secrets(settings) if settings.environment == "development" else settings
