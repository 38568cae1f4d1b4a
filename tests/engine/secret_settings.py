"""Secret settings in a stack file, as `pulumi config set --secret` writes them."""

from __future__ import annotations

import re
from typing import Final

from localcloud.demo.workspace import Workspace
from localcloud.engine.secrets_provider import Crypter

STACK_FILE: Final = "Pulumi.production.yaml"


def set_secret(copy: Workspace, passphrase: str, key: str, value: str) -> None:
    """Encrypt `value` with the stack's salt, or with the one that it gets here, and commit it."""
    file = copy.directory / STACK_FILE
    text = file.read_text()
    salts = re.findall(r"^encryptionsalt: (\S+)$", text, re.MULTILINE)
    crypter = Crypter(passphrase, *salts)
    setting = f"  {key}:\n    secure: {crypter.encrypt(key, value)}\n"
    salt = "" if salts else f"encryptionsalt: {crypter.salt}\n"
    file.write_text(salt + text.replace("config:\n", f"config:\n{setting}"))
    copy.commit(f"Set {key}")
