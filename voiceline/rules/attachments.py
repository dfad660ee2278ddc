"""Which files may be attached to a note: told by their content alone, whatever they are called.

What a browser or an office program would run is refused: pages, drawings with scripts, programs,
archives, macros. So are archives that unpack to more than anybody could mean.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from email import policy
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING

from voiceline.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_NAME = 100
MOST_ENTRIES = 5_000
MOST_UNPACKED = 200 * 2**20
"""Bytes that an office document may unpack to."""
MOST_RATIO = 200
"""How many times its packed size a part of it may unpack to; text packs 20 to 50 times."""
CHUNK = 64 * 1024

_END_OF_ARCHIVE = 22
"""Bytes of a ZIP's last record, where it carries no comment."""


@dataclass(frozen=True)
class FileType:
    """A kind of file we take."""

    label: str
    content_type: str
    extensions: tuple[str, ...]
    """The first is given to a file whose name has none of them."""
    fits: Callable[[bytes], bool]


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]


def _is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and data.endswith(
        b"IEND\xaeB`\x82"
    )


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff") and data.rstrip(b"\x00").endswith(b"\xff\xd9")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _NOT_TEXT.search(text) and not _MARKUP.search(text[:4096])


def _is_mail(data: bytes) -> bool:
    """Tell whether it begins with the header of a message (RFC 5322)."""
    begin = data[:CHUNK]
    if b"\x00" in data or not _FIELD.match(begin):
        return False
    found = {name.lower() for name in BytesHeaderParser(policy=policy.compat32).parsebytes(begin)}
    return "from" in found and bool(found & {"date", "message-id", "received"})


def _is_word(data: bytes) -> bool:
    return {"[Content_Types].xml", "word/document.xml"} <= _parts(data)


def _is_excel(data: bytes) -> bool:
    return {"[Content_Types].xml", "xl/workbook.xml"} <= _parts(data)


def _is_open_document(kind: bytes) -> Callable[[bytes], bool]:
    mark = b"mimetypeapplication/vnd.oasis.opendocument." + kind

    def fits(data: bytes) -> bool:
        # the format wants it first, and not packed, so that it lies here (ODF 1.3, part 2, 3.3)
        return data[30 : 30 + len(mark)] == mark and "content.xml" in _parts(data)

    return fits


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
TYPES = (
    FileType("PDF", "application/pdf", (".pdf",), _is_pdf),
    FileType("PNG picture", "image/png", (".png",), _is_png),
    FileType("JPEG picture", "image/jpeg", (".jpg", ".jpeg"), _is_jpeg),
    FileType("Word", f"{_OPEN_XML}.wordprocessingml.document", (".docx",), _is_word),
    FileType("Excel", f"{_OPEN_XML}.spreadsheetml.sheet", (".xlsx",), _is_excel),
    FileType(
        "OpenDocument text",
        "application/vnd.oasis.opendocument.text",
        (".odt",),
        _is_open_document(b"textPK"),
    ),
    FileType(
        "OpenDocument table",
        "application/vnd.oasis.opendocument.spreadsheet",
        (".ods",),
        _is_open_document(b"spreadsheetPK"),
    ),
    FileType("e-mail", "message/rfc822", (".eml",), _is_mail),
    FileType("plain text or CSV", "text/plain; charset=utf-8", (".txt", ".csv", ".log"), _is_text),
)
"""What we take; the first that fits counts, the plainest last."""

ACCEPTED = ", ".join(each.label for each in TYPES[:-1]) + f" and {TYPES[-1].label}"

_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MARKUP = re.compile(
    r"^\s*#!|<\s*(?:!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|img|style|meta)\b"
    r"|<\?php|^\s*\{\\rtf",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"[!-9;-~]+:[ \t]?[^\r\n]*\r?\n")
_UNSAFE = re.compile(r"[^\w .,()+=@-]+")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_MACROS = re.compile(r"vbaproject|^basic/|^scripts/|activex|oleobject", re.IGNORECASE)


def recognise(data: bytes) -> FileType:
    """Answer what kind of file it is, or raise UserError, which says what is taken."""
    if not data:
        raise UserError("A file is empty: choose another one.")
    for kind in TYPES:
        if kind.fits(data):
            return kind
    raise UserError(f"A file is none of those that can be attached: {ACCEPTED}, without macros.")


def clean_name(name: str, kind: FileType) -> str:
    """Answer a name that is safe on every disk and in every header, with an ending of its kind."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"\s+", " ", _UNSAFE.sub("_", last)).strip(" .")
    ending = next((e for e in kind.extensions if plain.lower().endswith(e)), None)
    stem = (plain[: -len(ending)] if ending else plain).strip(" .")[:LONGEST_NAME].strip(" .")
    if not re.search(r"\w", stem.replace("_", "")) or _DEVICES.match(stem):
        stem = f"file {stem}".strip(" _")
    return f"{stem}{ending or kind.extensions[0]}"


def ending_of(content_type: str) -> str:
    """Answer the usual ending of files of that type."""
    return next((k.extensions[0] for k in TYPES if k.content_type == content_type), ".bin")


def _parts(data: bytes) -> set[str]:
    """Answer the names of what an office document holds; nothing of what is no sound one.

    It begins and ends as a ZIP without anything before or behind it, unpacks whole to a size that
    somebody could mean, and holds no macros and no other program's objects.
    """
    ends = data[-_END_OF_ARCHIVE:]
    if not data.startswith(b"PK\x03\x04") or not ends.startswith(b"PK\x05\x06"):
        return set()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if len(names) != len(entries) or not all(map(_is_sound, entries)):
                return set()
            if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > MOST_UNPACKED:
                return set()
            for entry in entries:
                _unpack(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        return set()
    return names


def _is_sound(entry: zipfile.ZipInfo) -> bool:
    encrypted = bool(entry.flag_bits & 1)
    climbs = entry.filename.startswith("/") or ".." in entry.filename.split("/")
    bomb = entry.file_size > CHUNK and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
    packed = entry.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return packed and not (encrypted or climbs or bomb or _MACROS.search(entry.filename))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read it to its end, never more than it says it is; raises BadZipFile where that is a lie."""
    with archive.open(entry) as part:
        while part.read(CHUNK):
            pass
