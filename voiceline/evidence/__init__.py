"""The evidence pack: one file that shows a request whole, and that anybody can check offline.

`archive`, `seal`, `excerpt` and `checking` are all that a check needs: the standard library, the
signing keys of `audit`, and nothing else of ours. docs/evidence.md says what is proven.
"""
