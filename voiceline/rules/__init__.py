"""Pure rules: standard library only, no clock, no database, no web; functions take `at`."""
