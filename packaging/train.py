"""Train the enhancement service's nets: ``python packaging/train.py run|export|measure NET``.

Wants an environment of its own; see ``packaging/training/README.md``.
"""

import sys
from pathlib import Path

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, str(Path(__file__).resolve().parent))


def main() -> int:
    """Do what the command line says and return 0 if it was done."""
    try:
        from training import command
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: packaging/training/README.md says what training")
        print("needs. Nothing was done.")
        return 1
    return command.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
