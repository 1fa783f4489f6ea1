"""Run the checks and the tests: ``python3 packaging/test.py [--long] [--every-python] [ARGS…]``.

With ``--long`` also the tests that take long, and the lines that tests run are counted. With
``--every-python`` on each supported Python that this computer has, one after the other. ``ARGS…``
go to pytest. The first run makes the environment of the tests. Only Python's standard library is
needed, and a network for the first run.
"""

import os
import sys

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from supported_python import refuse_other_pythons


def main() -> int:
    """Run the checks and return 0 if all of them passed."""
    refuse_other_pythons("packaging/test.py")
    # Imported after the check: older Pythons cannot read this module.
    import checking

    return checking.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
