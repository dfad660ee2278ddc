"""Build the language model once and keep it in a cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import heapq
import importlib.metadata
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pocketsphinx import get_model_path

from voiceline.adapters.sphinx_language_model import native
from voiceline.adapters.sphinx_language_model.arpa import write_arpa
from voiceline.adapters.sphinx_language_model.general_model import read_model, read_unigrams
from voiceline.adapters.sphinx_language_model.mixing import mix
from voiceline.adapters.sphinx_language_model.tables import END, START
from voiceline.adapters.sphinx_language_model.training_text import messages
from voiceline.adapters.sphinx_language_model.witten_bell import estimate
from voiceline.errors import TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Progress = Callable[[str, float], None]

GENERAL_WORDS = 10_000
"""How many of the most frequent words of general English the model knows besides the domain's."""


def model_path(cache_dir: Path) -> Path:
    """Answer where this version's model is kept: the name changes with all that it is made of."""
    digest = hashlib.sha256(importlib.metadata.version("pocketsphinx").encode())
    for source in sorted(Path(__file__).parent.iterdir()):
        if source.suffix in {".py", ".toml"}:
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return cache_dir / f"english-{digest.hexdigest()[:16]}.lm.bin"


def build_language_model(cache_dir: Path, on_progress: Progress | None = None) -> Path:
    """Answer the model's file, made first (some 15 s) unless the cache has it.

    `on_progress` hears the stage's name and the share done of the whole, 0 to 1. Raises
    TemporaryFailure when the cache folder cannot be written, PermanentFailure when pocketsphinx
    is not what this was made for. Any number of processes may call at once: one of them builds.
    """
    path = model_path(cache_dir)
    if path.exists():
        return path
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with _alone(cache_dir):
            if not path.exists():
                _build(path, on_progress or _silently)
    except OSError as error:
        raise TemporaryFailure(f"cannot keep the language model: {error.strerror}") from error
    return path


def _silently(_stage: str, _share: float) -> None:
    """Tell nobody how far it is."""


@contextmanager
def _alone(cache_dir: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system drops if we die, and clear what the dead left."""
    with (cache_dir / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in cache_dir.glob("building-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _build(path: Path, on_progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="building-", dir=path.parent) as folder:
        general_arpa, arpa, packed = (
            Path(folder) / name for name in ("general.arpa", "mixed.arpa", "packed.lm.bin")
        )
        on_progress("exporting general English", 0.0)
        native.export_general_model(general_arpa)
        on_progress("making up voicemails", 0.2)
        sentences = list(messages())
        frequent = read_unigrams(general_arpa)
        words = _vocabulary(sentences, frequent)
        on_progress("learning the words of requests", 0.35)
        ids = ([words[word] for word in sentence if word in words] for sentence in sentences)
        domain = estimate(ids, len(words), start=words[START], end=words[END])
        general = read_model(
            general_arpa,
            words,
            frequent,
            lambda share: on_progress("reading general English", 0.4 + 0.3 * share),
        )
        on_progress("mixing the two", 0.7)
        write_arpa(mix(domain, general), list(words), arpa)
        on_progress("packing the model", 0.85)
        native.pack(arpa, packed)
        with packed.open("rb") as file:
            os.fsync(file.fileno())
        packed.replace(path)
    on_progress("language model ready", 1.0)


def _vocabulary(sentences: Iterable[list[str]], frequent: Mapping[str, float]) -> dict[str, int]:
    """Number the words the model knows: the markers first, then A to Z.

    A word that the pronouncing dictionary lacks cannot be heard and is left out.
    """
    general = heapq.nlargest(GENERAL_WORDS, frequent, key=lambda word: frequent[word])
    known = {word for sentence in sentences for word in sentence} | set(general)
    dictionary = Path(get_model_path("en-us/cmudict-en-us.dict"))
    with dictionary.open(encoding="utf-8") as lines:
        pronounced = {line.split(maxsplit=1)[0] for line in lines if line.strip()}
    chosen = sorted((known & pronounced) - {START, END})
    return {word: number for number, word in enumerate((START, END, *chosen))}
