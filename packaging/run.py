"""Run Enhance GUI from a checkout: ``python3 packaging/run.py [ARGS…]``.

The first run makes the environment, later ones start the program at once. Only Python's
standard library is needed, and a network for the first run.
"""

import os
import sys

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from supported_python import refuse_other_pythons


def main() -> int:
    """Set up if need be, then become the program (or wait for it) and return its exit code."""
    refuse_other_pythons("packaging/run.py")
    # Imported after the check: older Pythons cannot read this module.
    import starting

    return starting.start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
