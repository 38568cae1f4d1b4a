"""verifySecretVersions against the local Secret Manager, as an identity that may read no payload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2

from localcloud.core import seed as seeds
from localcloud.core.calls import CallLog
from localcloud.core.faults import Faults
from localcloud.core.server import ThreadedServer
from localcloud.secret_manager.app import SecretManager
from pulumi_railway.handlers.base import UNKNOWN
from pulumi_railway.plugin import codec
from pulumi_railway.plugin.protocol import provider_pb2

pytestmark = pytest.mark.contract

VERIFY = "railway:index:verifySecretVersions"
PROJECT = "projects/project38-483612/secrets"


@dataclass(frozen=True)
class Asked:
    """A plugin that asks the local Secret Manager."""

    invoke: Callable[..., provider_pb2.InvokeResponse]
    calls: CallLog


@pytest.fixture
def asked(serve: Any) -> Iterator[Asked]:
    seed, calls = seeds.load().secret_manager, CallLog()
    with ThreadedServer(SecretManager(seed, calls, Faults()).app) as server:
        environ = {
            "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": f"{server.url}/v1/",
            "GOOGLE_OAUTH_ACCESS_TOKEN": seed.preview_token,
        }
        stub = serve(environ=environ).configure().stub

        def invoke(**arguments: Any) -> provider_pb2.InvokeResponse:
            request = provider_pb2.InvokeRequest(tok=VERIFY, args=codec.encode(arguments), preview=True)
            answer: provider_pb2.InvokeResponse = stub.Invoke(request)
            return answer

        yield Asked(invoke, calls)


def results(answer: provider_pb2.InvokeResponse) -> dict[str, Any]:
    assert not answer.failures
    returned: struct_pb2.Struct = getattr(answer, "return")
    return codec.decode(returned).values


def test_problems_are_listed_in_order_and_no_payload_is_read(asked: Asked) -> None:
    references = [
        f"{PROJECT}/NOT-THERE/versions/1",
        f"{PROJECT}/OPENAI-API/versions/1",
        f"{PROJECT}/OPENAI-API/versions/9",
    ]
    problems = results(asked.invoke(references=references))["problems"]
    assert [problem["reference"] for problem in problems] == [references[0], references[2]]
    assert all(set(problem) == {"reference", "problem", "remedy"} for problem in problems)
    assert "gcloud secrets create NOT-THERE" in problems[0]["remedy"]
    assert asked.calls.list()
    assert all(call.kind == "query" for call in asked.calls.list())


def test_nothing_wrong_is_an_empty_list(asked: Asked) -> None:
    assert results(asked.invoke(references=[f"{PROJECT}/OPENAI-API/versions/1"])) == {"problems": []}


def test_an_unknown_reference_leaves_the_answer_unknown(asked: Asked) -> None:
    answer = asked.invoke(references=[UNKNOWN, f"{PROJECT}/NOT-THERE/versions/1"])
    assert results(answer) == {"problems": UNKNOWN}
    assert not asked.calls.list()


@pytest.mark.parametrize("arguments", [{}, {"references": "one"}, {"references": [1]}, {"references": None}])
def test_arguments_are_checked(asked: Asked, arguments: dict[str, Any]) -> None:
    answer = asked.invoke(**arguments)
    assert [found.property for found in answer.failures] == ["references"]
    assert not asked.calls.list()


def test_an_argument_there_is_not(asked: Asked) -> None:
    answer = asked.invoke(references=[], more=1)
    assert [found.property for found in answer.failures] == ["more"]


def test_an_unknown_configuration_leaves_the_answer_unknown(serve: Any) -> None:
    stub = serve().configure(tokenSecret=UNKNOWN).stub
    answer = stub.Invoke(provider_pb2.InvokeRequest(tok=VERIFY, args=codec.encode({"references": ["x"]})))
    assert results(answer) == {"problems": UNKNOWN}


def test_a_function_there_is_not(serve: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        serve().configure().stub.Invoke(provider_pb2.InvokeRequest(tok="railway:index:guess"))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert VERIFY in str(caught.value.details())
