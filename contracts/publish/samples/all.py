"""The samples of a call, by language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from contracts.publish.samples.calls import Call
from contracts.publish.samples.java import java
from contracts.publish.samples.javascript import javascript
from contracts.publish.samples.php import php
from contracts.publish.samples.python import python
from contracts.publish.samples.shell import shell


class SampleLanguage(NamedTuple):
    """A programming language: its id in a page, its name, the file to paste into, and what runs that file."""

    id: str
    name: str
    file: str
    command: tuple[str, ...]
    write: Callable[[Call], str]


LANGUAGES: Final = (
    SampleLanguage("curl", "curl", "example.sh", ("sh", "example.sh"), shell),
    SampleLanguage("python", "Python", "example.py", ("python3", "example.py"), python),
    SampleLanguage("java", "Java", "Example.java", ("java", "Example.java"), java),
    SampleLanguage("javascript", "JavaScript", "example.mjs", ("node", "example.mjs"), javascript),
    SampleLanguage("php", "PHP", "example.php", ("php", "example.php"), php),
)
