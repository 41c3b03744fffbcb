"""The bus of the story, in a process of its own: `python -m deploy.demo.bus WORKSPACE`."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.demo.alive import end_with_parent
from gateway.wiring.run import Address, CannotRun, Role, run_roles


def main() -> None:
    """Run all roles until SIGTERM, or until the parent process is gone."""
    end_with_parent()
    try:
        run_roles(Path(sys.argv[1]), frozenset(Role), Address())
    except CannotRun as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
