"""What the speed claims rest on: every figure is a ratio, or says what it was measured with."""
