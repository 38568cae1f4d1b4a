"""`python -m litellm_gateway.budget show|reset [ACCOUNT…]`: for whoever runs the gateway, beside it.

`show` prints the day's statement as JSON. `reset` sets what was spent today back to nothing, in the named accounts or
in all. Exit status 1 where the ledger or the configuration cannot be used, or an account is not known.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from litellm_gateway import client_list, config, settings
from litellm_gateway.budget.ledger import TOTAL, LedgerError
from litellm_gateway.budget.limits import limits
from litellm_gateway.budget.opening import open_ledger
from litellm_gateway.budget.sqlite import LEDGER
from litellm_gateway.budget.statement import statement
from litellm_gateway.clients import MASTER
from litellm_gateway.errors import StartError
from litellm_gateway.models import OWNERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_gateway.budget.ledger import Ledger
    from litellm_gateway.clients import Client


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
    configuration = config.read(settings.config_file())
    clients = client_list.read(settings.take_client_keys(), settings.master_key(), configuration.upstreams)
    with closing(open_ledger(file.parent, redis_url)) as ledger:
        _check(accounts, clients, ledger)
        if command == "reset":
            ledger.reset(accounts or None)
        shown = statement(*ledger.balances(), limits(configuration, clients), accounts or None)
    sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    return 0


def _check(accounts: Iterable[str], clients: Iterable[Client], ledger: Ledger) -> None:
    """Raise a `LedgerError` for a name that no account has: nothing would happen to it, and nobody would notice."""
    keys = (f"key:{MASTER}", *(client.account for client in clients))
    known = [TOTAL, *(f"provider:{owner}" for owner in OWNERS.values()), *keys]
    known += [balance.account for balance in ledger.balances()[1] if balance.account not in known]
    for name in accounts:
        if name not in known:
            raise LedgerError(f"there is no account '{name}', but {', '.join(known)}")


if __name__ == "__main__":
    sys.exit(main())
