"""What was asked for: the command line and the environment, checked, as one frozen object. Nothing else reads them."""

from __future__ import annotations

import argparse
import ipaddress
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

HIGHEST_PORT: Final = 65535
DESCRIPTION: Final = "Judge a running gateway. Exit status: 0 pass, 1 fail, 2 cannot tell."
EPILOG: Final = (
    "environment: GATEWAY_API_KEY, the gateway's key; GATEWAY_BUDGET_KEY, a client's key with a daily budget of a "
    "cent or so, where the budget is to be judged too; GATEWAY_DEPLOYMENT_ID, the deployment that must answer; "
    "GATE_EVIDENCE, a file that gets the same JSON as --json."
)


@dataclass(frozen=True)
class Limits:
    """Times in seconds: for the edge to find the right build, for one answer, for the median call, for everything."""

    settle: float = 60.0
    answer: float = 60.0
    latency: float = 10.0
    deadline: float = 240.0


@dataclass(frozen=True)
class Settings:
    """One run. `url` has no path and no trailing slash; `key` and `budget_key` are never shown."""

    url: str
    key: str | None = field(repr=False)
    expected_deployment: str | None
    json_files: tuple[Path, ...]
    markdown_files: tuple[Path, ...]
    limits: Limits
    budget_key: str | None = field(default=None, repr=False)


def load(argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. A mistake ends the program with status 2 and one line that says what to change."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        evidence = _file(environ["GATE_EVIDENCE"]) if environ.get("GATE_EVIDENCE") else None
        return Settings(
            url=base_url(options.url),
            key=_key(environ, "GATEWAY_API_KEY"),
            budget_key=_key(environ, "GATEWAY_BUDGET_KEY"),
            expected_deployment=environ.get("GATEWAY_DEPLOYMENT_ID") or None,
            json_files=tuple(dict.fromkeys(file for file in (options.json, evidence) if file)),
            markdown_files=(options.markdown,) if options.markdown else (),
            limits=Limits(options.settle, options.timeout, options.latency, options.deadline),
        )
    except (ValueError, argparse.ArgumentTypeError) as error:
        parser.error(str(error))


def base_url(text: str) -> str:
    """The URL without a trailing slash. Raises ValueError where a key could leak or no check could hold."""
    try:
        url = httpx.URL(text)
        url.raw_host.decode().encode("idna")
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"{text!r} is no URL: {error}") from error
    if url.port is not None and not 0 < url.port <= HIGHEST_PORT:
        raise ValueError(f"{text!r} has no port that exists; ports go from 1 to {HIGHEST_PORT}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"{text!r} is no http or https URL; give e.g. https://litellm-gateway.up.railway.app")
    if url.userinfo:
        raise ValueError("the URL holds a user or password; give the key in GATEWAY_API_KEY instead")
    if url.path.strip("/") or url.query or url.fragment:
        raise ValueError(
            f"{text!r} has a path; give the gateway's own address, e.g. {url.scheme}://{url.netloc.decode()}"
        )
    if url.scheme == "http" and not is_loopback(url.host):
        raise ValueError(f"{text!r} would send the key in clear; use https (http is accepted for this machine only)")
    return f"{url.scheme}://{url.netloc.decode()}"


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(environ: Mapping[str, str], name: str) -> str | None:
    text = environ.get(name, "")
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError(f"{name} holds a space, a line break or a character outside ASCII; store it without")
    return text or None


def _parser() -> argparse.ArgumentParser:
    limits = Limits()
    parser = argparse.ArgumentParser("python -m gateway.acceptance", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument(
        "url", metavar="URL", help="address of the gateway, e.g. https://litellm-gateway.up.railway.app"
    )
    parser.add_argument("--json", type=_file, metavar="FILE", help="write the evidence as JSON")
    parser.add_argument("--markdown", type=_file, metavar="FILE", help="write the evidence as a Markdown table")
    for name, default, meaning in (
        ("settle", limits.settle, "wait this long for the right build to answer"),
        ("timeout", limits.answer, "wait this long for one answer"),
        ("latency", limits.latency, "accept a median call up to this long"),
        ("deadline", limits.deadline, "stop after this long; what is left cannot be told"),
    ):
        parser.add_argument(
            f"--{name}", type=_seconds, default=default, metavar="S", help=f"{meaning}, in seconds ({default:g})"
        )
    return parser


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot be written: it is a directory, or its directory does not exist"
        )
    return path


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and seconds > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number of seconds")
    return seconds
