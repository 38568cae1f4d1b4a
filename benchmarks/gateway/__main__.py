"""`python -m benchmarks.gateway`: measure the gateway beside LiteLLM alone, and write table and plot.

Exit status: 0 measured, whether or not targets are kept; 1 something could not be measured.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console

from benchmarks import cost, processes, report
from benchmarks.__main__ import INTERRUPTED, ROOT, commit
from benchmarks.figures import BenchmarkError
from benchmarks.gateway import page, plot, refusals, rounds, targets
from benchmarks.service import GATEWAY, LITELLM, TWO_WORKERS, Kind, Running, Service
from localcloud.railway.runner.container import free_port
from localcloud.railway.runner.environment import Environments, find_uv
from localcloud.railway.runner.errors import BuildError
from localcloud.railway.runner.image import ImageBuilder

DIRECTORY: Final = ROOT / "build" / "bench" / "gateway"
PAGE: Final = ROOT / "docs" / "performance.md"
PLOT: Final = ROOT / "docs" / "gateway.svg"
START_SECONDS: Final = 20.0
UPSTREAM: Final = Kind("fake upstream", ("-m", "benchmarks.gateway.upstream", "{port}"), "/")
KEYS: Final = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY")


def main() -> int:
    """Measure and write."""
    options = _options()
    console = Console(stderr=True, highlight=False)
    started = datetime.now(UTC)
    try:
        measured = measure(options.rounds, options.seconds, console.print)
    except (BenchmarkError, BuildError, httpx.HTTPError) as error:
        console.print(f"not measured: {error}", markup=False, style="red")
        return 1
    report.show(console, measured.figures)
    results = report.document(measured.figures, started, commit())
    report.write(DIRECTORY, results, measured.figures)
    if options.write:
        page.write(PAGE, page.text(results, measured, options.seconds))
        PLOT.write_text(plot.svg(measured.variants), encoding="utf-8")
    return 0


def measure(count: int, seconds: float, say: Callable[[str], None]) -> targets.Measured:
    """All figures, from `count` rounds whose slices of load last `seconds`. Raises BenchmarkError."""
    say("building the service's image")
    with tempfile.TemporaryDirectory() as scratch, _upstream() as upstream:
        service = _service(Path(scratch), upstream.url)
        say(f"starting each kind {count} times")
        starts = {kind: [_start(service, kind) for _ in range(1 + count)][1:] for kind in (LITELLM, GATEWAY)}
        with service.run(LITELLM) as alone, service.run(GATEWAY) as one, service.run(TWO_WORKERS) as two:
            say(f"{count} rounds of load, {seconds:g} s each slice")
            variants = rounds.play((upstream, alone, one, two), count, seconds)
            say("refusing strangers")
            refused = refusals.measure(one, seconds, count)
        say("calling the gateway and LiteLLM alone by turns")
        others = [*cost.measure(service, count), *refused]
    return targets.Measured(variants, targets.figures(starts[LITELLM], starts[GATEWAY], variants, others))


def _start(service: Service, kind: Kind) -> float:
    with service.run(kind) as running:
        return running.start_seconds


def _service(scratch: Path, models: str) -> Service:
    """The service as its Dockerfile builds it. Raises BuildError."""
    environments = Environments(ROOT / "build" / "localcloud" / "environments", find_uv())
    directory = ROOT / "services" / "litellm-gateway"
    context = shutil.copytree(directory, scratch / "context")
    image = ImageBuilder(context, scratch / "root", environments, lambda _: None, lambda: None).build("Dockerfile")
    python = shutil.which(image.command[0], path=image.environment["PATH"])
    if python is None:
        raise BenchmarkError(f"the image has no {image.command[0]} on its PATH")
    return Service(directory, Path(python), models, dict.fromkeys(KEYS, "benchmark"), DIRECTORY / "logs")


@contextlib.contextmanager
def _upstream() -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, *(argument.format(port=port) for argument in UPSTREAM.arguments)]
    log, url = DIRECTORY / "logs" / "upstream.txt", f"http://127.0.0.1:{port}"
    with (
        httpx.Client(base_url=url, trust_env=False) as http,
        processes.child(command, directory=ROOT, environment=processes.inherited(), log=log) as process,
    ):
        processes.wait_until(lambda: _answers(http), process, log, START_SECONDS)
        yield Running(UPSTREAM, process, http, 0.0, url, "benchmark")


def _answers(http: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return http.get(UPSTREAM.ready).is_success
    return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="slices of each kind of load (3)")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="how long each lasts (4)")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)} and its plot")
    return parser.parse_args()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
