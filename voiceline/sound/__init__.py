"""A stranger's sound file becomes telephone sound: recognised, taken apart in a cage, levelled."""
