"""Voiceline: the toll-free line on which consumers use their privacy rights."""
