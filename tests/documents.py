"""Small files of every kind that may be attached to a note, and of some that may not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40) + b"\xff\xd9"
TEXT = "Se llamó dos veces.\nNobody answered.\n".encode()
CSV = b"order,date\n1001,2026-11-01\n"
MAIL = (
    b"Received: from mx.example by mail.example; Sat, 21 Nov 2026 10:00:00 -0800\r\n"
    b"From: Jane Roe <jane@example.com>\r\nSubject: My request\r\n\r\n<b>Please</b>\r\n"
)


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + pixels + chunk(b"IEND", b"")


def archive(parts: dict[str, bytes], *, packed: bool = True) -> bytes:
    file = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in parts.items():
            # an OpenDocument begins with its kind, which is not packed
            made.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else method)
    return file.getvalue()


def docx(**more: bytes) -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
    return archive(parts | more)


def xlsx() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})


def open_document(kind: str = "text") -> bytes:
    mark = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": mark, "content.xml": b"<office/>"})
