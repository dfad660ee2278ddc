"""The house rules that no linter knows: locks, documents, commands, and what is tracked."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from configuration_document import DOCUMENT, configuration_text
from source_tree import ROOT

from voiceline.errors import SettingsError
from voiceline.settings import Settings, load_settings
from voiceline.settings_checks import PREFIX
from voiceline.settings_reading import KNOWN_ELSEWHERE

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = sorted(ROOT.glob("requirements*.lock"))
REGISTRIES = re.compile(r"registry\.npmjs|npmjs\.com|pypi\.org|pythonhosted\.org|registry\.yarnpkg")
LARGEST = 300_000
"""Bytes of a tracked file."""

README_LINES = 120
SETTING = re.compile(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b(?!_\*)")
OUR_WORDS = ("voiceline", "webhooks", "jobs", "benchmarks", "docs", ".ci", "Makefile", "README.md")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_hashes_every_requirement(lock: Path):
    requirements = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())

    unhashed = [one.split()[0] for one in requirements if "--hash=sha256:" not in one]
    unpinned = [one.split()[0] for one in requirements if not re.match(r"[\w.-]+==\S+", one)]

    assert not unhashed
    assert not unpinned


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_no_index(lock: Path):
    text = lock.read_text(encoding="utf-8")

    named = re.findall(
        r"^.*(?:https?://|--(?:extra-)?index-url|--find-links).*$", text, re.MULTILINE
    )

    assert not named


def test_locks_agree_on_every_version():
    everything = _pins(ROOT / "requirements-dev.lock")

    smaller = _pins(ROOT / "requirements.lock") | _pins(ROOT / "requirements-production.lock")

    assert smaller < everything


def test_production_installs_no_test_tools():
    names = {pin.split("==")[0] for pin in _pins(ROOT / "requirements-production.lock")}

    test_tools = {"pytest", "hypothesis", "coverage", "ruff", "mypy", "playwright"} & names

    assert not test_tools


def test_every_dependency_is_locked(project: dict):
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]

    names = {re.split(r"[\[<>=!~;]", one)[0].lower() for one in wanted}

    assert names <= {pin.split("==")[0] for pin in _pins(ROOT / "requirements-dev.lock")}


def test_browser_libraries_are_pinned_by_hash():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))

    libraries = {name: facts for name, facts in lock["packages"].items() if name}

    assert libraries
    assert all(facts["integrity"].startswith("sha512-") for facts in libraries.values())
    assert not any("resolved" in facts for facts in libraries.values())


def test_configuration_is_what_the_settings_say():
    text = DOCUMENT.read_text(encoding="utf-8")

    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)

    assert sorted(headings) == sorted(PREFIX + name.upper() for name in Settings.model_fields)
    assert text == configuration_text(), "run `make docs`"


def test_every_setting_says_what_it_is_for():
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert not silent


@pytest.mark.parametrize("name", Settings.model_fields)
def test_no_setting_is_unknown_to_its_reader(name: str, tmp_path: Path):
    given = {PREFIX + name.upper(): "one", f"{PREFIX}DATA_DIR": str(tmp_path)}

    try:
        said = str(load_settings(given))
    except SettingsError as error:
        said = str(error)

    assert "no such setting" not in said


def test_every_variable_we_name_is_a_setting(tracked: list[Path]):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    ours = [path for path in tracked if path.relative_to(ROOT).parts[0] in OUR_WORDS]

    named = {(name, path) for path in ours for name in SETTING.findall(_text(path))}

    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for name, path in named
        if not {name, name.removesuffix("_FILE")} & (known | KNOWN_ELSEWHERE)
    }
    assert not unknown


def test_readme_can_be_read_in_one_go():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= README_LINES


def test_every_make_target_says_what_it_does():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z]+):.* ## \S", makefile, re.MULTILINE)

    assert phony
    assert sorted(explained) == sorted(phony[1].split())


def test_make_alone_lists_the_targets():
    answer = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "make demo" in answer.stdout
    assert "make test" in answer.stdout


def test_changelog_keeps_its_form():
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()

    versions = [line for line in lines if line.startswith("## ")]
    kinds = {line for line in lines if line.startswith("### ")}

    assert versions[0] == "## [Unreleased]"
    assert kinds <= {
        f"### {kind}" for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
    }


def test_no_tracked_file_is_large(tracked: list[Path]):
    large = [path.name for path in tracked if path.stat().st_size > LARGEST]

    assert not large


def test_no_tracked_file_names_a_registry(tracked: list[Path]):
    naming = [str(path) for path in tracked if REGISTRIES.search(_text(path))]

    assert not naming


def test_what_is_looked_at_without_git_is_what_is_tracked(tracked: list[Path]):
    assert set(tracked) <= set(_unpacked())


def test_ci_counts_a_skip_as_a_failure(tmp_path: Path):
    (tmp_path / "one.xml").write_text(
        '<testsuites><testsuite><testcase classname="a" name="works"/>'
        '<testcase classname="a" name="left"><skipped message="no server"/></testcase>'
        '<testcase classname="a" name="broken"><failure/></testcase></testsuite></testsuites>'
    )

    answer = _tally(tmp_path)

    assert answer.returncode == 1
    assert "a::left: no server" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "1 passed, 2 failed"


def test_ci_forgives_a_skip_that_ran_elsewhere(tmp_path: Path):
    case = '<testcase classname="a" name="one_writer">{}</testcase>'
    for file, result in (("sqlite.xml", ""), ("postgresql.xml", '<skipped message="no"/>')):
        text = f"<testsuites><testsuite>{case.format(result)}</testsuite></testsuites>"
        (tmp_path / file).write_text(text)

    answer = _tally(tmp_path)

    assert (answer.returncode, answer.stdout) == (0, "1 passed, 0 failed\n")


def test_ci_is_content_when_everything_passed(tmp_path: Path):
    case = '<testcase classname="a" name="works"/>'
    for file in ("one.xml", "two.xml"):
        (tmp_path / file).write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")

    answer = _tally(tmp_path)

    assert (answer.returncode, answer.stdout) == (0, "2 passed, 0 failed\n")


def _tally(folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, ROOT / ".ci" / "tally.py", folder]
    return subprocess.run(program, capture_output=True, text=True, check=False)


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^([\w.-]+==[\w.]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def _text(path: Path) -> str:
    """Answer a file's words, or none of a file that has no words."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.fixture
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        return _unpacked()
    listed = subprocess.run(
        # another user may own the checkout, as in containers
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def _unpacked() -> list[Path]:
    """Answer what an archive of the project holds: all that git is not told to leave alone."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    paths = [path for path in ROOT.rglob("*") if path.is_file()]
    return [
        path
        for path in paths
        if not any(fnmatch(part, name) for part in path.relative_to(ROOT).parts for name in ignored)
    ]
