"""Which files may be attached: security.md U1 to U28 as far as they are about any file."""

from __future__ import annotations

import documents
import pytest
from documents import CSV, JPEG, MAIL, PDF, TEXT, archive, docx, open_document, png, xlsx
from hypothesis import given
from hypothesis import strategies as st

from voiceline.errors import UserError
from voiceline.rules.attachments import LONGEST_NAME, TYPES, clean_name, recognise

GOOD = {
    "PDF": PDF,
    "PNG picture": png(),
    "JPEG picture": JPEG,
    "Word": docx(),
    "Excel": xlsx(),
    "OpenDocument text": open_document(),
    "OpenDocument table": open_document("spreadsheet"),
    "e-mail": MAIL,
    "plain text or CSV": TEXT,
}

BAD = {
    "U1 a program": b"MZ\x90\x00" + bytes(60),
    "U1 a program of Linux": b"\x7fELF\x02\x01\x01" + bytes(60),
    "U2 a playlist of a program's": b"#!/bin/sh\nrm -rf ~\n",
    "U4 a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "U4 a drawing with a prolog": b'<?xml version="1.0"?>\n<svg onload="alert(1)"/>',
    "U4 a page": b"<!DOCTYPE html><title>x</title>",
    "U4 a page behind blanks": b"\n\n   <ScRiPt>alert(1)</sCrIpT>",
    "U4 a page in a text": b"hello\n<iframe src=//x>",
    "U5 a picture with a page behind": png() + b"<script>alert(1)</script>",
    "a page before a PDF": b"<html>%PDF-1.7\n%%EOF",
    "U18 any archive": archive({"a.txt": b"x"}),
    "U18 a gzip": b"\x1f\x8b\x08" + bytes(40),
    "U18 a bomb": docx(**{"word/bomb.xml": bytes(50_000_000)}),
    "a document with macros": docx(**{"word/vbaProject.bin": b"x"}),
    "a document with another program's object": docx(**{"word/embeddings/oleObject1.bin": b"x"}),
    "a document that climbs": docx(**{"../../etc/passwd": b"x"}),
    "a document with something behind": docx() + b"more",
    "a document with something before": b"MZ" + docx(),
    "a document cut short": docx()[:-30],
    "an OpenDocument template": open_document("text-template"),
    "NULs in a text": b"hello\x00world",
    "an escape for a terminal": b"hello\x1b]0;x\x07",
    "letters that are no UTF-8": "sí".encode("latin-1"),
    "rich text": b"{\\rtf1 {\\object}}",
}


@pytest.mark.parametrize("label", GOOD)
def test_each_kind_is_told_by_its_content(label: str):
    kind = recognise(GOOD[label])

    assert kind.label == label


def test_every_kind_has_an_example():
    assert [kind.label for kind in TYPES] == list(GOOD)


@pytest.mark.parametrize("what", BAD)
def test_what_would_be_run_is_refused(what: str):
    with pytest.raises(UserError, match="none of those that can be attached: PDF, PNG"):
        recognise(BAD[what])


def test_u8_an_empty_file_is_refused():
    with pytest.raises(UserError, match="A file is empty"):
        recognise(b"")


def test_a_document_that_lies_about_its_size_is_refused():
    honest = documents.docx(**{"word/long.xml": b"abcdefgh" * 9000})
    place = honest.rindex(b"PK\x01\x02")
    size = (72_000).to_bytes(4, "little")
    lying = honest[:place] + honest[place:].replace(size, (71_000).to_bytes(4, "little"))

    assert lying != honest
    with pytest.raises(UserError):
        recognise(lying)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\Letter.PDF", "Letter.pdf"),
        ("CON.wav", "file CON.wav.pdf"),
        ("nul", "file nul.pdf"),
        ("a\r\nX-Header: 1.pdf", "a_X-Header_ 1.pdf"),
        ('"; filename=x', "_ filename=x.pdf"),
        ("\N{GRINNING FACE}.pdf", "file.pdf"),
        ("..", "file.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("Carta número 2.pdf", "Carta número 2.pdf"),
        ("bill.pdf.exe", "bill.pdf.exe.pdf"),
        ("bill\u202efdp.exe", "bill_fdp.exe.pdf"),
        ("", "file.pdf"),
    ],
)
def test_u21_names_are_cleaned(given_name: str, kept: str):
    name = clean_name(given_name, TYPES[0])

    assert name == kept


@given(st.text(max_size=400), st.sampled_from(TYPES))
def test_any_name_becomes_a_safe_one(name: str, kind):
    cleaned = clean_name(name, kind)

    assert cleaned.lower().endswith(kind.extensions)
    assert len(cleaned) <= LONGEST_NAME + 15
    assert not set(cleaned) & set('/\\"<>|:;*?\r\n\0')
    assert not cleaned.startswith((".", " "))


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\x89PNG"]))
def test_any_bytes_are_taken_or_refused(data: bytes, begin: bytes):
    try:
        kind = recognise(begin + data)
    except UserError:
        return

    assert kind in TYPES


def test_a_table_of_commas_keeps_its_ending():
    name = clean_name("orders.csv", recognise(CSV))

    assert name == "orders.csv"
