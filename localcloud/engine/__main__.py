"""`python -m localcloud.engine`."""

import sys

from localcloud.engine.cli import main

sys.exit(main(sys.argv[1:]))
