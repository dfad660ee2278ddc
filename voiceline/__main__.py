"""`python -m voiceline` is `voiceline`."""

from voiceline.cli import main

main()
