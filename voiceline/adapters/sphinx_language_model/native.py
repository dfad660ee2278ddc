"""The calls into pocketsphinx that may crash: each runs in a child process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from pathlib import Path

TIME_LIMIT = 180
"""Seconds a child may take; a hundred times what it needs on a slow machine."""

_NO_CORE = "import resource, sys; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
_READ = """
from pocketsphinx import Config, Decoder, LogMath, NGramModel, get_model_path
# The model borrows it; NGramModel.readfile lets it go and writes nonsense, now and then.
math = LogMath()
def read(path):
    return NGramModel(Config(), math, path)
"""
_EXPORT = """
read(get_model_path("en-us/en-us.lm.bin")).write(sys.argv[1])
"""
_PACK = """
model = read(sys.argv[1])
model.write(sys.argv[2])
drift = model.prob(["</s>"]) - read(sys.argv[2]).prob(["</s>"])
sys.exit(abs(drift) > 100)  # a hundred steps of 1.0001: one per cent
"""
_START = """
Decoder(Config(lm=sys.argv[1], loglevel="FATAL"))
"""


def export_general_model(arpa: Path) -> None:
    """Write the shipped model as ARPA text; the child is expected to crash at the trigrams."""
    _run(_EXPORT, arpa)
    if not arpa.exists():
        raise PermanentFailure("pocketsphinx could not write its own language model as text")


def pack(arpa: Path, packed: Path) -> None:
    """Write the ARPA text as pocketsphinx's own format, and prove that a decoder starts on it."""
    if _run(_PACK, arpa, packed) != 0 or _run(_START, packed) != 0:
        raise PermanentFailure("pocketsphinx refused the language model made for it")


def _run(program: str, *paths: Path) -> int:
    command = [sys.executable, "-c", _NO_CORE + _READ + program, *map(str, paths)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemporaryFailure("pocketsphinx took too long over its language model") from None
    return done.returncode
