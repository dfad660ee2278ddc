"""The commands of `voiceline`, one noun a module; each says what it did, or what to do."""
