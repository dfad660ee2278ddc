"""Settings as the environment gives them: each by its name, or as a file that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.errors import SettingsError
from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN_ELSEWHERE = frozenset(
    {f"{PREFIX}MODEL_CACHE", f"{PREFIX}FAIL_AT", f"{PREFIX}TEST_DATABASE_URL"}
)
"""Variables of the tests; they change nothing in production."""


def read_values(environ: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """Answer what is given of the settings of these names; refuse one that does not exist."""
    values = {}
    for name in sorted(names):
        variable = PREFIX + name.upper()
        if variable in environ:
            values[name] = environ[variable]
        elif f"{variable}_FILE" in environ:
            values[name] = _read_file(f"{variable}_FILE", environ[f"{variable}_FILE"])
    known = names | {f"{name}_file" for name in names}
    unknown = {
        variable
        for variable in environ
        if variable.startswith(PREFIX)
        and variable.removeprefix(PREFIX).lower() not in known
        and variable not in KNOWN_ELSEWHERE
    }
    if unknown:
        raise SettingsError(
            f"{', '.join(sorted(unknown))}: no such setting; see docs/configuration.md"
        )
    return values


def _read_file(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable}: cannot read {path}: {error.strerror}") from None
