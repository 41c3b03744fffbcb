"""The story: `lienthong demo` with a person at the terminal. Acts over the scenes that `--once` plays too."""
