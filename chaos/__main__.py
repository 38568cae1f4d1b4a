"""`python -m chaos`."""

import signal
import sys

from chaos.main import main

if __name__ == "__main__":
    for name in (signal.SIGTERM, signal.SIGINT):  # a shell's "&" ignores SIGINT, and what is started here inherits that
        signal.signal(name, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
