"""`python -m chaos`."""

import signal
import sys

from chaos.main import main

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
