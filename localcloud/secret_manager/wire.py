"""Resources as the API's JSON has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

from localcloud.secret_manager.errors import GoogleError
from localcloud.secret_manager.store import MAX_PAYLOAD, Secret, Version

_CRC32C = 0x82F63B78  # the Castagnoli polynomial, reflected


def secret_json(secret: Secret) -> dict[str, Any]:
    """A secret without its versions."""
    return {
        "name": secret.name,
        "replication": {"automatic": {}},
        "createTime": _time(secret.created),
        "etag": _etag(secret.name),
    }


def version_json(version: Version, *, numbers: bool) -> dict[str, Any]:
    """A version without its payload; with `numbers` the state is the number of the enumeration, not its name."""
    answer: dict[str, Any] = {
        "name": version.name,
        "createTime": _time(version.created),
        "state": int(version.state) if numbers else version.state.name,
        "replicationStatus": {"automatic": {}},
        "etag": etag(version),
        "clientSpecifiedPayloadChecksum": version.with_checksum,
    }
    if version.destroyed:
        answer["destroyTime"] = _time(version.destroyed)
    return answer


def access_json(version: Version) -> dict[str, Any]:
    """A version's payload and its checksum, which is an int64 and so a string in JSON."""
    data = base64.b64encode(version.payload).decode()
    return {"name": version.name, "payload": {"data": data, "dataCrc32c": str(crc32c(version.payload))}}


def read_payload(payload: Any) -> tuple[bytes, bool]:
    """The bytes of `{data, dataCrc32c?}` and whether a checksum came with them. Raises `GoogleError`."""
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), str) or not payload["data"]:
        raise GoogleError("INVALID_ARGUMENT", "Secret Payload cannot be empty.")
    try:
        data = base64.b64decode(payload["data"].replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise GoogleError(
            "INVALID_ARGUMENT", "Invalid value at 'payload.data' (TYPE_BYTES), Base64 decoding failed."
        ) from error
    if len(data) > MAX_PAYLOAD:
        raise GoogleError("INVALID_ARGUMENT", f"The payload data must not exceed {MAX_PAYLOAD} bytes.")
    checksum = payload.get("dataCrc32c")
    if checksum is not None and str(checksum) != str(crc32c(data)):
        raise GoogleError("INVALID_ARGUMENT", "The payload data does not match its CRC32C checksum.")
    return data, checksum is not None


def crc32c(data: bytes) -> int:
    """The CRC32C checksum of RFC 3720, appendix B.4."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CRC32C if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def etag(version: Version) -> str:
    """Changes with the state of the version."""
    return _etag(f"{version.name} {version.state.name}")


def _etag(content: str) -> str:
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:16]}"'


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
