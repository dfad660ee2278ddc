from __future__ import annotations

import csv

import numpy as np
import pytest
from speech_fixtures import BUNDLED_AUDIO, CORPUS, model_cache, silence, wav

from voiceline.adapters.sphinx_language_model import model_path
from voiceline.adapters.sphinx_transcriber import REMEMBERED, SphinxTranscriber
from voiceline.errors import TemporaryFailure
from voiceline.ports import Failed, Transcription, TranscriptionJob


def test_deletion_request_is_heard(outcome):
    text = outcome.text

    assert "delete all of my personal information" in text
    assert "four one five five five five zero one four two" in text


def test_transcript_names_its_engine_and_model(outcome):
    version = outcome.engine_version

    assert outcome.engine == "pocketsphinx"
    assert version == f"5.1.1+{model_path(model_cache()).name.removesuffix('.lm.bin')}"


def test_words_have_places_in_order_and_confidences(outcome, deletion):
    starts = [word.start for word in outcome.words]

    assert starts == sorted(starts)
    assert all(word.start < word.end for word in outcome.words)
    assert outcome.words[-1].end < len(deletion) / 16000
    assert all(0 <= word.confidence <= 1 for word in outcome.words)
    assert 0.5 < outcome.confidence <= 1


def test_words_are_plain_without_markers_or_variants(outcome):
    text = outcome.text

    assert text == " ".join(word.text for word in outcome.words)
    assert not set("<>[]()+.") & set(text)


def test_place_of_a_word_counts_silence_before_it(transcriber, deletion, outcome):
    late = wav(np.concatenate([silence(5), np.frombuffer(deletion[44:], "<i2")]))

    moved = transcriber.poll(transcriber.submit(TranscriptionJob("late", late, "en")))

    assert moved.words[-1].end - outcome.words[-1].end == pytest.approx(5, abs=0.1)


def test_same_audio_gives_the_same_text_after_other_audio(transcriber, deletion, outcome):
    spanish = (BUNDLED_AUDIO / "demo_optout_es.wav").read_bytes()
    transcriber.submit(TranscriptionJob("between", spanish, "en"))

    again = transcriber.poll(transcriber.submit(TranscriptionJob("again", deletion, "en")))

    assert again == outcome


def test_silence_is_an_empty_transcript(transcriber):
    ticket = transcriber.submit(TranscriptionJob("silent", wav(silence(3)), "en"))

    outcome = transcriber.poll(ticket)

    assert isinstance(outcome, Transcription)
    assert (outcome.text, outcome.words, outcome.confidence) == ("", (), None)


def test_recording_of_no_length_is_an_empty_transcript(transcriber):
    ticket = transcriber.submit(TranscriptionJob("empty", wav(silence(0)), "en"))

    assert transcriber.poll(ticket).text == ""


def test_other_audio_fails_for_good(transcriber):
    ticket = transcriber.submit(TranscriptionJob("mp3", b"ID3 this is an mp3", "en"))

    assert transcriber.poll(ticket) == Failed("the audio is not a PCM WAV file", retryable=False)


def test_spanish_is_never_guessed_at(transcriber):
    ticket = transcriber.submit(TranscriptionJob("spanish", wav(silence(1)), "es"))

    assert transcriber.poll(ticket) == Failed("pocketsphinx does not hear es", retryable=False)
    assert transcriber.languages == {"en"}


def test_same_key_is_transcribed_once(transcriber, deletion):
    ticket = transcriber.submit(TranscriptionJob("once", deletion, "en"))
    first = transcriber.poll(ticket)

    again = transcriber.submit(TranscriptionJob("once", b"not looked at", "en"))

    assert again == ticket
    assert transcriber.poll(again) is first


def test_discarded_job_is_forgotten(transcriber):
    ticket = transcriber.submit(TranscriptionJob("private", wav(silence(1)), "en"))

    transcriber.discard(ticket)
    transcriber.discard(ticket)

    assert transcriber.poll(ticket) == Failed("nothing is known of this job", retryable=True)


def test_only_the_latest_jobs_are_remembered(transcriber):
    audio = wav(silence(0.1))

    for number in range(REMEMBERED + 1):
        transcriber.submit(TranscriptionJob(f"many-{number}", audio, "en"))

    assert isinstance(transcriber.poll("many-0"), Failed)
    assert isinstance(transcriber.poll(f"many-{REMEMBERED}"), Transcription)


def test_broken_decoder_fails_one_job_and_not_the_next(transcriber, deletion):
    transcriber._decoder = BrokenDecoder()

    broken = transcriber.poll(transcriber.submit(TranscriptionJob("broken", deletion, "en")))
    mended = transcriber.poll(transcriber.submit(TranscriptionJob("mended", deletion, "en")))

    assert broken == Failed("the decoder broke down", retryable=True)
    assert "delete" in mended.text


def test_interrupted_decoder_is_not_used_again(transcriber, deletion):
    transcriber._decoder = InterruptedDecoder()

    with pytest.raises(KeyboardInterrupt):
        transcriber.submit(TranscriptionJob("interrupted", deletion, "en"))

    mended = transcriber.poll(transcriber.submit(TranscriptionJob("interrupted", deletion, "en")))
    assert "delete" in mended.text


@pytest.mark.parametrize("damage", [b"", b"no language model", b"Trie Language Model\x03"])
def test_damaged_model_is_thrown_away_to_be_rebuilt(tmp_path, damage):
    model = model_path(tmp_path)
    model.write_bytes(damage)

    with pytest.raises(TemporaryFailure, match="damaged"):
        SphinxTranscriber(tmp_path).warm_up()

    assert not model.exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.corpus
def test_labelled_calls_are_heard_well_enough(transcriber):
    with (CORPUS / "labels.csv").open(encoding="utf-8") as file:
        calls = [row for row in csv.DictReader(file) if row["lang"] == "en"]

    errors = {call["id"]: errors_in(transcriber, call) for call in calls}

    good = [call for call in calls if is_good_line(call)]
    assert word_error_rate(errors, calls) <= 0.40
    assert word_error_rate(errors, good) <= 0.22


def errors_in(transcriber, call):
    audio = (CORPUS / call["file"]).read_bytes()
    ticket = transcriber.submit(TranscriptionJob(call["id"], audio, "en"))
    return edits(call["text"].split(), transcriber.poll(ticket).text.split())


def edits(said, heard):
    """Count substitutions, insertions and deletions between two lists of words."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        above, row = row, [count]
        for place, other in enumerate(heard, 1):
            best = min(above[place] + 1, row[-1] + 1, above[place - 1] + (word != other))
            row.append(best)
    return row[-1]


def word_error_rate(errors, calls):
    return sum(errors[call["id"]] for call in calls) / sum(
        len(call["text"].split()) for call in calls
    )


def is_good_line(call):
    return not call["channel"].startswith("noise") and not call["voice"].startswith("espeak")


class BrokenDecoder:
    def reinit_feat(self):
        pass

    def start_utt(self):
        raise RuntimeError("Failed to start utterance processing")


class InterruptedDecoder:
    def reinit_feat(self):
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def transcriber():
    return SphinxTranscriber(model_cache())


@pytest.fixture(scope="module")
def deletion():
    return (BUNDLED_AUDIO / "demo_delete_en.wav").read_bytes()


@pytest.fixture(scope="module")
def outcome(transcriber, deletion):
    return transcriber.poll(transcriber.submit(TranscriptionJob("deletion", deletion, "en")))
