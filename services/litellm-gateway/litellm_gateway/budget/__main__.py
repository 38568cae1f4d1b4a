"""`python -m litellm_gateway.budget show|reset [ACCOUNT…]`: for whoever runs the gateway, beside it.

`show` prints the day's statement as JSON. `reset` sets what was spent today back to nothing, in the named accounts or
in all. Exit status 1 where the ledger or the configuration cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys

from litellm_gateway import client_list, config, settings
from litellm_gateway.budget.ledger import LedgerError
from litellm_gateway.budget.limits import limits
from litellm_gateway.budget.opening import open_ledger
from litellm_gateway.budget.sqlite import LEDGER
from litellm_gateway.budget.statement import statement
from litellm_gateway.errors import StartError


def main() -> int:
    """Carry out one command on the ledger that the gateway of this environment uses."""
    parser = argparse.ArgumentParser(prog="python -m litellm_gateway.budget", description=__doc__)
    parser.add_argument("command", choices=("show", "reset"))
    accounts = "total, provider:anthropic, key:NAME, …; default: all"
    parser.add_argument("accounts", nargs="*", metavar="ACCOUNT", help=accounts)
    options = parser.parse_args()
    try:
        return _run(options.command, options.accounts)
    except (StartError, LedgerError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _run(command: str, accounts: list[str]) -> int:
    file, redis_url = settings.data_directory() / LEDGER, settings.redis_url()
    if not redis_url and not file.exists():
        raise LedgerError(f"there is no ledger {file}: set {settings.DATA} to the directory of the gateway's data")
    ledger = open_ledger(file.parent, redis_url)
    if command == "reset":
        ledger.reset(accounts or None)
    day, balances = ledger.balances()
    shown = [balance for balance in balances if not accounts or balance.account in accounts]
    wanted = {name: limit for name, limit in _limits().items() if not accounts or name in accounts}
    sys.stdout.write(json.dumps(statement(day, shown, wanted), indent=2) + "\n")
    ledger.close()
    return 0


def _limits() -> dict[str, int]:
    configuration = config.read(settings.config_file())
    clients = client_list.read(settings.take_client_keys(), settings.master_key(), configuration.upstreams)
    return limits(configuration, clients)


if __name__ == "__main__":
    sys.exit(main())
