"""How a message of ours looks in a mail program: the same words as its plain text, and no more.

The HTML is made of the text, so the two never differ. It loads nothing from anywhere, which is also
why nobody learns when it is read; and it links only what is an address of ours on its own line.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from email.message import EmailMessage

LIGHT = {
    "ground": "#f3f5f6",
    "paper": "#fff",
    "ink": "#14212b",
    "soft": "#51616e",
    "line": "#dbe2e7",
    "brand": "#0e5a63",
    "tint": "#e3f0f1",
}
DARK = {
    "ground": "#0e1519",
    "paper": "#162026",
    "ink": "#e4ecf0",
    "soft": "#9db0bc",
    "line": "#2a3841",
    "brand": "#74cbd5",
    "tint": "#15353a",
}
"""The colours of the dashboard's style sheet, by their names there."""

PAGE = Markup("""\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
<style>
{style}
</style>
</head>
<body>
<div class="frame">
<p class="name">Voiceline</p>
<div class="paper">
<h1>{subject}</h1>
{blocks}
</div>
</div>
</body>
</html>
""")
COLOURS = Markup("""\
body {{ background: {ground}; color: {ink}; }}
.paper {{ background: {paper}; border-color: {line}; }}
.name, blockquote, th {{ color: {soft}; }}
a {{ color: {brand}; }}
.go {{ background: {tint}; }}
th, td, li {{ border-color: {line}; }}""")
SHAPES = Markup("""\
body { margin: 0; padding: 24px 12px; font: 16px/1.5 "Segoe UI", Arial, sans-serif; }
.frame { max-width: 600px; margin: 0 auto; }
.name { margin: 0 4px 10px; font-weight: 600; }
.paper { padding: 24px; border: 1px solid; border-radius: 10px; overflow-wrap: anywhere; }
h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.3; }
p, ul, table, blockquote { margin: 0 0 16px; }
.go { padding: 10px 14px; border-radius: 8px; font-size: 14px; }
ul { padding: 0; list-style: none; }
li { padding: 8px 0; border-bottom: 1px solid; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid; text-align: left; vertical-align: top; }
th { width: 7em; font-weight: 400; }
blockquote { padding-left: 14px; border-left: 3px solid; }
.paper > :last-child { margin-bottom: 0; }""")
STYLE = Markup("{}\n{}\n@media (prefers-color-scheme: dark) {{\n{}\n}}").format(
    SHAPES, COLOURS.format(**LIGHT), COLOURS.format(**DARK)
)

SPACE, BREAK, NOTHING = Markup(" "), Markup("<br>"), Markup()
SHORTEST_WRAPPED = 60
"""A line of prose that is shorter was ended on purpose."""

KINDS = (
    ("gap", re.compile(r"\s*$")),
    ("address", re.compile(r"https?://\S+$")),
    ("quoted", re.compile("> |>$")),
    ("point", re.compile("- ")),
    ("row", re.compile(r" {2}\S.*? {2}\S")),
    ("quoted", re.compile(r" {2}")),
    ("fact", re.compile(r"[\w ]{1,20}? {2,}\S")),
    ("prose", re.compile("")),
)
"""What a line of a message is, by how it begins; the first that fits counts."""


def dress(message: EmailMessage, *, language: str, bases: Iterable[str]) -> EmailMessage:
    """Add the HTML to a message that is plain text; only addresses under `bases` become links."""
    subject, text = str(message["Subject"]), message.get_content()
    blocks = Markup("\n").join(_blocks(subject, text, tuple(f"{base}/" for base in bases)))
    page = PAGE.format(language=language, subject=subject, style=STYLE, blocks=blocks)
    message.add_alternative(page, subtype="html")
    # Written again it is the same message, byte for byte; "=_" is in no text as it is packed.
    message.set_boundary(f"=_{re.sub(r'[^0-9a-z]', '', str(message['Message-ID']))}")
    return message


def _blocks(subject: str, text: str, bases: tuple[str, ...]) -> Iterable[Markup]:
    for kind, run in groupby(text.splitlines(), _kind):
        lines = list(run)
        if kind == "address":
            yield from (_address(line, bases) for line in lines)
        elif kind != "gap" and lines != [subject]:  # the heading has said it
            yield SHOWN[kind](lines)


def _kind(line: str) -> str:
    return next(kind for kind, begins in KINDS if begins.match(line))


def _address(line: str, bases: tuple[str, ...]) -> Markup:
    if not line.startswith(bases):
        return Markup("<p>{}</p>").format(line)
    return Markup('<p class="go"><a href="{0}">{0}</a></p>').format(line)


def _prose(lines: list[str]) -> Markup:
    """Join what was wrapped for a terminal; a mail program wraps by itself."""
    said = NOTHING
    for before, line in zip(["", *lines], lines, strict=False):
        wrapped = len(before) >= SHORTEST_WRAPPED and not before.endswith(":")
        said += (SPACE if wrapped else BREAK if before else NOTHING) + line
    return Markup("<p>{}</p>").format(said)


def _quoted(lines: list[str]) -> Markup:
    said = BREAK.join(line.removeprefix(">").strip() for line in lines)
    return Markup("<blockquote>{}</blockquote>").format(said)


def _points(lines: list[str]) -> Markup:
    return _list(Markup.escape(line.removeprefix("- ")) for line in lines)


def _rows(lines: list[str]) -> Markup:
    found = []
    for line in lines:
        first, *others = re.split(" {2,}", line.strip())
        found.append(Markup("<strong>{}</strong><br>{}").format(first, " · ".join(others)))
    return _list(found)


def _facts(lines: list[str]) -> Markup:
    row = Markup('<tr><th scope="row">{}</th><td>{}</td></tr>')
    rows = Markup("").join(row.format(*re.split(" {2,}", line, maxsplit=1)) for line in lines)
    return Markup("<table>{}</table>").format(rows)


def _list(points: Iterable[Markup]) -> Markup:
    said = Markup("").join(Markup("<li>{}</li>").format(point) for point in points)
    return Markup("<ul>{}</ul>").format(said)


SHOWN: dict[str, Callable[[list[str]], Markup]] = {
    "quoted": _quoted,
    "point": _points,
    "row": _rows,
    "fact": _facts,
    "prose": _prose,
}
