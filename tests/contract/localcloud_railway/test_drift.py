"""The live schema compared with what is used of it, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from graphql import build_schema, introspection_from_schema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localcloud.core.server import ThreadedServer
from localcloud.railway import drift
from localcloud.railway.schema_changes import SDL

pytestmark = pytest.mark.contract

Serve = Callable[[str], str]
OWN = SDL.read_text()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a schema; returns the URL."""
    servers: list[ThreadedServer] = []

    def start(text: str) -> str:
        async def answer(_: Request) -> Response:
            return JSONResponse({"data": introspection_from_schema(build_schema(text))})

        servers.append(ThreadedServer(Starlette(routes=[Route("/graphql", answer, methods=["POST"])])))
        return f"{servers[-1].url}/graphql"

    yield start
    for server in servers:
        server.stop()


def test_the_local_railway_itself_has_no_drift(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    assert drift.main(["--url", serve(OWN)]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("projectToken: ProjectToken!", "", "Query.projectToken is gone; it was ProjectToken!"),
        ("  NIXPACKS\n", "", "Builder.NIXPACKS is gone; it was a value"),
        (
            "commitSha: String",
            "commitSha: Int",
            "Mutation.serviceInstanceDeployV2(commitSha) is Int now; it was String",
        ),
        (
            "input ServiceConnectInput {",
            "input ServiceConnectInput {\n  why: String!",
            "ServiceConnectInput.why is demanded",
        ),
        ("serviceDelete(", "serviceDelete(sure: Boolean!, ", "Mutation.serviceDelete(sure) is demanded now, Boolean!"),
        ("type ServiceSource ", "type Elsewhere { a: Int }\ntype ServiceSource ", None),
    ],
)
def test_what_differs_is_one_line(
    serve: Serve, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str | None
) -> None:
    assert before in OWN
    url = serve(OWN.replace(before, after))
    assert drift.main(["--url", url]) == (1 if said else 0)
    shown = capsys.readouterr().out
    assert (said or "") in shown
    drift.main(["--url", url, "--json"])
    assert len(json.loads(capsys.readouterr().out)) == len(shown.splitlines())


def test_what_is_no_schema_cannot_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    for url in ("http://127.0.0.1:1/graphql", "no-url"):
        assert drift.main(["--url", url]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith(f"cannot tell: {url}")
        assert "Traceback" not in shown.err
