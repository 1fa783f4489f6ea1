"""Build packages: ``python3 packaging/build.py linux|windows|macos|… [--output DIR]``.

Each is built on the system it is for. The first run makes the environment of the builds. Only
Python's standard library is needed, and a network for the first run.
"""

import os
import sys

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from supported_python import refuse_other_pythons


def main() -> int:
    """Build the packages and return 0 if all of them were made."""
    refuse_other_pythons("packaging/build.py")
    # Imported after the check: older Pythons cannot read this module.
    from building import command

    return command.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
