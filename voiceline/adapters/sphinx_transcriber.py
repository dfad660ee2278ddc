"""Draft transcripts of English voicemails by pocketsphinx, inside the process and offline."""

from __future__ import annotations

import importlib.metadata
import re
from threading import Lock
from typing import TYPE_CHECKING

from pocketsphinx import Config, Decoder

from voiceline.adapters.sphinx_audio import Piece, read_wav, speech_pieces
from voiceline.adapters.sphinx_language_model import build_language_model, model_path
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.ports import Failed, Pending, Transcription, TranscriptionJob, Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAMES_A_SECOND = 100
REMEMBERED = 64
"""Finished jobs kept for whoever polls; the oldest goes first."""

_SETTINGS = {
    # Louder levels print what callers said.
    "loglevel": "FATAL",
    # Measured on the labelled calls against 6.5 and 30,000: as accurate, a fifth faster.
    "lw": 8.0,
    "maxhmmpf": 3000,
}
_FILLER = re.compile(r"[<\[+]")
_VARIANT = re.compile(r"\(\d+\)$")


class SphinxTranscriber:
    """A Transcriber that finishes in `submit` and forgets with its process."""

    name = "pocketsphinx"
    languages = frozenset({"en"})

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._decoder: Decoder | None = None
        self._finished: dict[str, Transcription | Failed] = {}
        self._one_at_a_time = Lock()
        engine = importlib.metadata.version("pocketsphinx")
        model = model_path(cache_dir).name.split(".")[0]
        self._version = f"{engine}+{model}"

    def warm_up(self) -> None:
        """Load the decoder now, its language model built if need be; worth doing before a fork.

        Raises what build_language_model raises, and TemporaryFailure on a damaged model.
        """
        with self._one_at_a_time:
            self._decoder = self._ready_decoder()

    def submit(self, job: TranscriptionJob) -> str:
        """Transcribe the job's audio, once for each key, and answer its key as the ticket."""
        with self._one_at_a_time:
            if job.key not in self._finished:
                self._finished[job.key] = self._outcome(job)
            while len(self._finished) > REMEMBERED:
                del self._finished[next(iter(self._finished))]
        return job.key

    def poll(self, ticket: str) -> Pending | Transcription | Failed:
        """Answer the outcome; a ticket of another process is to be submitted again."""
        return self._finished.get(ticket, Failed("nothing is known of this job", retryable=True))

    def discard(self, ticket: str) -> None:
        """Forget the outcome."""
        self._finished.pop(ticket, None)

    def _outcome(self, job: TranscriptionJob) -> Transcription | Failed:
        if job.language not in self.languages:
            return Failed(f"{self.name} does not hear {job.language}", retryable=False)
        try:
            samples, rate = read_wav(job.audio)
        except PermanentFailure as error:
            return Failed(str(error), retryable=False)
        pieces = list(speech_pieces(samples, rate))
        try:
            return self._transcription(self._words(pieces))
        except (RuntimeError, MemoryError):
            # Its message may quote what was heard.
            return Failed("the decoder broke down", retryable=True)

    def _words(self, pieces: list[Piece]) -> tuple[Word, ...]:
        if not pieces:
            return ()
        decoder = self._ready_decoder()
        # It comes back only whole: whatever breaks or interrupts it, the next job builds another.
        self._decoder = None
        # Nothing learnt of the noise on one call is carried to the next.
        decoder.reinit_feat()
        words = tuple(word for piece in pieces for word in _heard(decoder, piece))
        self._decoder = decoder
        return words

    def _ready_decoder(self) -> Decoder:
        if self._decoder is not None:
            return self._decoder
        model = build_language_model(self._cache_dir)
        try:
            return Decoder(Config(lm=str(model), **_SETTINGS))
        except RuntimeError as error:
            model.unlink(missing_ok=True)
            raise TemporaryFailure("the language model is damaged and will be rebuilt") from error

    def _transcription(self, words: tuple[Word, ...]) -> Transcription:
        known = [word.confidence for word in words if word.confidence is not None]
        return Transcription(
            text=" ".join(word.text for word in words),
            language="en",
            confidence=sum(known) / len(known) if known else None,
            words=words,
            engine=self.name,
            engine_version=self._version,
        )


def _heard(decoder: Decoder, piece: Piece) -> Iterator[Word]:
    """Yield what the decoder makes of one piece."""
    decoder.start_utt()
    decoder.process_raw(piece.samples.tobytes(), full_utt=True)
    decoder.end_utt()
    if decoder.hyp() is None:
        return
    for segment in decoder.seg():
        text = _VARIANT.sub("", segment.word).rstrip(".")
        if text and not _FILLER.match(text):
            yield Word(
                text=text,
                start=round(piece.start + segment.start_frame / FRAMES_A_SECOND, 2),
                end=round(piece.start + (segment.end_frame + 1) / FRAMES_A_SECOND, 2),
                confidence=min(round(segment.prob, 4), 1.0),
            )
