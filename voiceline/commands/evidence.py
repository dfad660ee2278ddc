"""`voiceline evidence`: take the evidence pack of a request, and check one without us."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from voiceline.audit import OPERATOR
from voiceline.bootstrap import make_store
from voiceline.commands.context import database, find_request, now, read_settings
from voiceline.commands.keys import read_key
from voiceline.database import make_engine
from voiceline.errors import UserError
from voiceline.evidence.checking import check_pack
from voiceline.evidence.report import NOT_NAMED
from voiceline.evidence.seal import BrokenPackError
from voiceline.evidence.taking import pack_of, take_out
from voiceline.evidence.words import sentence
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS, Right

if TYPE_CHECKING:
    from typing import BinaryIO

    from voiceline.evidence.checking import Finding
    from voiceline.evidence.packing import Pack
    from voiceline.evidence.words import Said

FAILED = 1
LARGEST_KEY_FILE = 64 * 1024

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)
_HEX = re.compile(r"\b[0-9a-f]{64}\b")


@click.group()
def evidence() -> None:
    """Take and check evidence packs; docs/evidence.md explains them."""


@evidence.command("export")
@click.argument("reference")
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the pack; a file that is there already is left alone.",
)
@click.option(
    "--links",
    is_flag=True,
    help="Also the entries of the audit trail in between, so that the chain can be followed to a "
    "signed head. They are about other requests, and name nobody.",
)
def export(reference: str, file: Path, *, links: bool) -> None:
    """Write the evidence pack of a request into a file."""
    settings = read_settings()
    if file.exists():
        raise UserError(f"{file} exists already: choose another name.")
    key = read_key(settings.audit_signing_key, "AUDIT_SIGNING_KEY")
    with database() as session:
        request = find_request(session, reference)
        dossier = take_out(session, request, OPERATOR, now())
    engine = make_engine(settings.database)
    try:
        pack = pack_of(dossier, make_store(settings), key, chain_from=engine if links else None)
        _write(file, pack)
    finally:
        engine.dispose()
    files = len(pack.manifest.files)
    click.echo(f"{file}: {files} files, {pack.size:,} bytes, sealed with the key {key.id}.")


@evidence.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--key",
    "keys",
    multiple=True,
    help="A public key whose seal counts: 64 hex digits, or a file with them or with a PEM, as "
    "`voiceline audit key` prints it. May be given several times.",
)
@click.pass_context
def verify(context: click.Context, file: BinaryIO, keys: tuple[str, ...]) -> None:
    """Check a pack byte by byte; needs no database, no network and no settings."""
    brought = [_read_key(key) for key in keys]
    try:
        finding = check_pack(file, brought)
    except BrokenPackError as error:
        click.echo(f"The pack does not hold: {error}.")
        context.exit(FAILED)
    for line in _words(finding):
        click.echo(line)
    if any(said.holds is False for said in finding.words):
        context.exit(FAILED)


def _words(finding: Finding) -> list[str]:
    manifest, excerpt = finding.manifest, finding.excerpt
    whole = (
        f"The pack of request {grouped(manifest.reference)}, made {manifest.made_at}, is as it was "
        f"made: {len(manifest.files)} files, {finding.size:,} bytes."
    )
    lines = [whole]
    if finding.known_key:
        lines.append(f"It was sealed with the key {finding.seal.key_id}, which you named.")
    else:
        lines.append(
            f"It was sealed with the key {finding.seal.key_id}, which it brings along: whoever "
            "changed it could have sealed it anew. Compare the key with the one that `voiceline "
            "audit key` prints where the pack was made, or name it with --key."
        )
    lines.append(_words_of_trail(len(excerpt.entries), excerpt.links, excerpt.covered))
    if excerpt.heads_unknown:
        lines.append(
            f"{excerpt.heads_unknown} signed heads were made with other keys, and not checked: "
            "name them with --key."
        )
    return lines + _words_of_colleagues(finding.words)


def _words_of_colleagues(words: list[Said]) -> list[str]:
    """Say which words the trail binds, and name those that are others now."""
    lines = [
        f"{LABELS[Right(said.right)] if said.right else NOT_NAMED}: {sentence(said)}"
        for said in words
        if said.holds is False
    ]
    bound, unbound = (sum(said.holds is state for said in words) for state in (True, None))
    if bound or unbound:
        lines.append(
            f"Of what colleagues wrote in answers, {bound} texts are those that the audit trail "
            f"binds; {unbound} are bound by no entry."
        )
    return lines


def _words_of_trail(entries: int, chain: int, covered: int) -> str:
    signed = f"a signed head lies on or behind entry {covered}" if covered else "none is signed yet"
    if chain:
        return f"{entries} entries of the audit trail hold, linked by {chain}; {signed}."
    return f"{entries} entries of the audit trail are as they were hashed; {signed}."


def _write(file: Path, pack: Pack) -> None:
    """Write the file, readable for its owner alone; what could not be finished is taken away."""
    done = False
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for piece in pack.open():
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        done = True
    except FileExistsError:
        done = True
        raise UserError(f"{file} exists already: choose another name.") from None
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        if not done:
            file.unlink(missing_ok=True)


def _read_key(text: str) -> str:
    """Answer the public key as hex digits, from digits or from a file."""
    if _HEX.fullmatch(text):
        return text
    try:
        with Path(text).open("rb") as file:
            found = file.read(LARGEST_KEY_FILE).decode("ascii")
        pem, digits = _PEM.search(found), _HEX.search(found)
        if pem:
            key = load_pem_public_key(pem[0].encode())
            if isinstance(key, Ed25519PublicKey):
                return key.public_bytes_raw().hex()
        elif digits:
            return digits[0]
    except (OSError, ValueError, UnsupportedAlgorithm):
        pass
    raise UserError(
        "--key takes the 64 hex digits of a public key, or a file that `voiceline audit key` wrote."
    )
