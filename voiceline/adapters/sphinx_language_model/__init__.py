"""The project's own English language model for pocketsphinx: request sentences + general English.

The recipe: made-up voicemails -> Witten-Bell trigrams; the shipped model's uni- and bigrams on
10,000 words + ours; 0.8 of the former, 0.2 of the latter; written as ARPA, packed by pocketsphinx.
"""

from voiceline.adapters.sphinx_language_model.build import build_language_model, model_path

__all__ = ["build_language_model", "model_path"]
