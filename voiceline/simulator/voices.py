"""Which voice speaks which language; a pair that is not here is refused (13511).

Kept to what a line in English and Spanish may use; from the voice types of Twilio's Node package.
"""

from __future__ import annotations

import re

NEURAL, BOTH = ("", "-Neural"), ("", "-Neural", "-Generative")
POLLY: dict[str, dict[str, tuple[str, ...]]] = {
    "en-US": {
        **dict.fromkeys(("Joanna", "Matthew", "Ruth", "Danielle", "Stephen"), BOTH),
        **dict.fromkeys(("Salli", "Kendra", "Kimberly", "Joey"), NEURAL),
        **dict.fromkeys(("Kevin", "Ivy", "Justin", "Gregory"), NEURAL),
    },
    "es-US": {**dict.fromkeys(("Lupe", "Pedro"), BOTH), "Miguel": ("",), "Penelope": ("",)},
}
BASIC: dict[str, frozenset[str]] = {
    **dict.fromkeys(("man", "woman"), frozenset({"en-US", "en-GB", "es-ES", "fr-FR", "de-DE"})),
    "alice": frozenset(
        [
            "ca-ES",
            "da-DK",
            "de-DE",
            "en-AU",
            "en-CA",
            "en-GB",
            "en-IN",
            "en-US",
            "es-ES",
            "es-MX",
            "fi-FI",
            "fr-CA",
            "fr-FR",
            "it-IT",
            "ja-JP",
            "ko-KR",
            "nb-NO",
            "nl-NL",
            "pl-PL",
            "pt-BR",
            "pt-PT",
            "ru-RU",
            "sv-SE",
            "zh-CN",
            "zh-HK",
            "zh-TW",
        ]
    ),
}
GOOGLE: dict[str, str] = {
    "en-US": r"(Standard|Wavenet)-[A-J]|Neural2-[AC-J]|Chirp3-HD-[A-Z][a-z]+",
    "es-US": r"(Standard|Wavenet|Neural2)-[A-C]|Chirp3-HD-[A-Z][a-z]+",
}
LANGUAGES = frozenset({"en-US", "es-US", *BASIC["alice"], *BASIC["man"]})


def speaks(voice: str, language: str) -> bool:
    """Answer whether the voice exists and speaks the language; '' is the carrier's default."""
    if not voice:
        return language in LANGUAGES
    if voice in BASIC:
        return language in BASIC[voice]
    vendor, _, name = voice.partition(".")
    if vendor == "Polly":
        voices = POLLY.get(language, {})
        return any(name == known + kind for known, kinds in voices.items() for kind in kinds)
    pattern = GOOGLE.get(language)
    return vendor == "Google" and bool(pattern and re.fullmatch(f"{language}-(?:{pattern})", name))
