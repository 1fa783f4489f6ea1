"""Train the enhancement service's nets: ``python packaging/train.py run|export|measure NET``.

Wants an environment of its own; see ``packaging/training/README.md``.
"""

import sys
from pathlib import Path

# Python leaves a script's own folder out of its path where PYTHONSAFEPATH is set.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from training import command

if __name__ == "__main__":
    sys.exit(command.run(sys.argv[1:]))
