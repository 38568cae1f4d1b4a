"""A provider for tests: resources live in the directory PROBE_WORLD, and every call is written down there.

`probe:index:Thing` has the inputs `value`, `key` (replaces), `unique` (replaces, deleted first), `hidden` and `nested`,
and the outputs `made` (how often it was written) and `token` (secret where `hidden` is given). Faults are one-shot
files in the world: `fault-<call>-<name>` holds `error`, `init`, `hang`, `crash`, `unknown` or `log` and a message.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from google.protobuf.json_format import MessageToDict

sys.path.append(str(Path(__file__).parents[4]))
from localcloud.plugins import protocol  # noqa: F401, I001 - first: the protocol without the SDK, which is slow to import
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

WORLD = Path(os.environ["PROBE_WORLD"])
PLAIN = WORLD / "plain"  # where it exists, the plugin takes no secrets
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
LOCK = threading.Lock()


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    result = struct_pb2.Struct()
    result.update(values)
    return result


def note(call: str, request: Any, **more: Any) -> None:
    entry = {"call": call, "urn": getattr(request, "urn", ""), "preview": getattr(request, "preview", False), **more}
    with LOCK, (WORLD / "calls.jsonl").open("a") as file:
        file.write(json.dumps(entry) + "\n")


class Probe(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, engine: str) -> None:
        self.cancelled = threading.Event()
        self.engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(engine)) if engine else None
        self.config: dict[str, str] = {}

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=not PLAIN.exists())

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        olds, news = MessageToDict(request.old_inputs), MessageToDict(request.news)
        moved = olds.get("region") != news.get("region")
        return provider_pb2.DiffResponse(replaces=["region"] if moved else [])

    def Configure(self, request: Any, context: Any) -> Any:
        self.config = dict(request.variables)
        note("configure", request, config=self.config, env=os.environ.get("PULUMI_CONFIG", ""))
        return provider_pb2.ConfigureResponse(acceptSecrets=not PLAIN.exists(), supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        news = MessageToDict(request.news)
        note("check", request, olds=MessageToDict(request.olds), news=news)
        if news.get("value") == "bad":
            failures = [provider_pb2.CheckFailure(property="value", reason="must not be bad")]
            return provider_pb2.CheckResponse(failures=failures)
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        olds, news = MessageToDict(request.old_inputs), MessageToDict(request.news)
        note("diff", request, ignore=list(request.ignoreChanges))
        replaces = [name for name in ("key", "unique") if olds.get(name) != news.get(name)]
        return provider_pb2.DiffResponse(replaces=replaces, deleteBeforeReplace="unique" in replaces)

    def Create(self, request: Any, context: Any) -> Any:
        note("create", request, timeout=request.timeout)
        values = MessageToDict(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        self.fault("create-before", request, context, "", {})
        id_ = f"{request.name}-{len(list(WORLD.glob('thing-*')))}-{time.monotonic_ns()}"
        outputs = self.write(id_, values, 1)
        self.fault("create", request, context, id_, outputs)
        return provider_pb2.CreateResponse(id=id_, properties=struct(outputs))

    def Update(self, request: Any, context: Any) -> Any:
        note("update", request, timeout=request.timeout, ignore=list(request.ignoreChanges))
        values = MessageToDict(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=struct({**values, "made": UNKNOWN}))
        self.fault("update-before", request, context, request.id, MessageToDict(request.olds))
        outputs = self.write(request.id, values, int(self.stored(request.id).get("made", 0)) + 1)
        self.fault("update", request, context, request.id, outputs)
        return provider_pb2.UpdateResponse(properties=struct(outputs))

    def Read(self, request: Any, context: Any) -> Any:
        note("read", request, id=request.id)
        outputs = self.stored(request.id)
        if not outputs:
            return provider_pb2.ReadResponse()
        known = {**MessageToDict(request.properties), **MessageToDict(request.inputs)}
        if known:
            outputs = {key: value for key, value in outputs.items() if key in known}  # what others add is left alone
        self.fault("read", request, context, request.id, outputs)
        inputs = {key: value for key, value in outputs.items() if key not in {"made", "token"}}
        return provider_pb2.ReadResponse(id=request.id, properties=struct(outputs), inputs=struct(inputs))

    def Delete(self, request: Any, context: Any) -> Any:
        note("delete", request, id=request.id, timeout=request.timeout)
        self.fault("delete", request, context, request.id, {})
        (WORLD / f"thing-{request.id}").unlink(missing_ok=True)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        note("invoke", request, tok=request.tok)
        arguments = MessageToDict(request.args)
        if arguments.get("text") == "fail":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the function was asked to fail")
        response = provider_pb2.InvokeResponse()
        if arguments.get("text") == "refuse":
            response.failures.add(property="text", reason="refused")
        else:
            getattr(response, "return").update({"text": arguments.get("text", "") * 2})
        return response

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancelled.set()
        return empty_pb2.Empty()

    def stored(self, id_: str) -> dict[str, Any]:
        file = WORLD / f"thing-{id_}"
        return json.loads(file.read_text()) if file.exists() else {}

    def write(self, id_: str, values: dict[str, Any], made: int) -> dict[str, Any]:
        token = f"token-{id_}"
        outputs = {
            **values,
            "made": made,
            "token": {SIGNATURE: SECRET, "value": token} if "hidden" in values else token,
        }
        (WORLD / f"thing-{id_}").write_text(json.dumps(outputs))
        return outputs

    def fault(self, call: str, request: Any, context: Any, id_: str, outputs: dict[str, Any]) -> None:
        file = WORLD / f"fault-{call}-{request.name}"
        if not file.exists():
            return
        kind, _, message = file.read_text().partition(" ")
        file.unlink()
        if kind == "log" and self.engine:
            self.engine.Log(
                engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.INFO, message=message, urn=request.urn)
            )
        if kind == "hang":
            note("hanging", request)
            self.cancelled.wait(30)
            kind = "init"
        if kind == "unknown":
            outputs["made"] = UNKNOWN
        if kind == "crash":
            os._exit(7)
        if kind == "error":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, message)
        if kind == "init":
            self.init_failure(context, id_, outputs, message)

    def init_failure(self, context: Any, id_: str, outputs: dict[str, Any], message: str) -> None:
        detail = any_pb2.Any()
        detail.Pack(provider_pb2.ErrorResourceInitFailed(id=id_, properties=struct(outputs), reasons=[message]))
        code = grpc.StatusCode.UNKNOWN.value[0]
        status = status_pb2.Status(code=code, message="initialization failed", details=[detail])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, "initialization failed")


def main() -> None:
    done = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: done.set())
    server = grpc.server(ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Probe(sys.argv[1] if len(sys.argv) > 1 else ""), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while not done.wait(0.5) and os.getppid() == parent:
        pass
    server.stop(0)


main()
