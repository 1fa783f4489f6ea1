"""Check a Debian package where it is meant to run: ``python3 packaging/check_deb.py FILE.deb``.

``--older OLDER.deb`` upgrades from that package, in place of the same one under an older version.

Makes a minimal Debian 12 in a folder of its own (debootstrap; kept for the next time), installs
the package there with nothing but what it asks for, and uses it: the commands, the window started
by its desktop entry, a picture dragged into it with the mouse, an upgrade over stored work, and
the removal. Needs root, a Debian or Ubuntu, a network for the first run, and the environment of
the builds (``packaging/build.py`` makes it). Takes some minutes.
"""

import os
import sys

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from supported_python import refuse_other_pythons


def main() -> int:
    """Check the package and return 0 if all of it held."""
    refuse_other_pythons("packaging/check_deb.py")
    # Imported after the check: older Pythons cannot read this module.
    from deb_check import command

    return command.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
