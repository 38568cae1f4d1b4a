"""The plugin protocol for a stand-in: one servicer for every package, and the life of the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2

from localcloud.plugins.errors import InputError, PluginError
from localcloud.plugins.package import UNKNOWN, Package, Properties
from localcloud.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc

Answer = TypeVar("Answer")
THREADS: Final = 8
WATCH_SECONDS: Final = 1.0
MESSAGE_BYTES: Final = 400 * 1024 * 1024
OPTIONS: Final = [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES)]


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one package. The method names are those of the protocol."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Secrets arrive and leave without their mark; the engine keeps it."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=False)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Nothing is told to the engine, so its address does not matter."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """The version of the SDK it stands in beside."""
        return plugin_pb2.PluginInfo(version=metadata.version(self._package.distribution))

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Any configuration passes; a value that matters is judged in Configure."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """No change of configuration replaces anything."""
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Hand the configuration to the package."""
        prefix = f"{self._package.name}:config:"
        variables = {key.removeprefix(prefix): value for key, value in request.variables.items()}
        _serve(context, lambda: self._package.configure(variables))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Validate inputs; what is wrong is told per property."""
        try:
            inputs = self._package.resource(request.type or _type(request.urn)).check(_plain(request.news))
        except InputError as error:
            failures = [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in error.failures]
            return provider_pb2.CheckResponse(failures=failures)
        except PluginError as error:
            _abort(context, error)
        return provider_pb2.CheckResponse(inputs=_struct(inputs))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Name the inputs whose change replaces; the engine compares the rest itself."""
        resource = _serve(context, lambda: self._package.resource(request.type or _type(request.urn)))
        olds, news = _plain(request.old_inputs) or _plain(request.olds), _plain(request.news)
        replaces = sorted(name for name in resource.replacing if olds.get(name) != news.get(name))
        return provider_pb2.DiffResponse(replaces=replaces)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Create, or in a preview say that all but the inputs is not known."""
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        resource = _serve(context, lambda: self._package.resource(request.type or _type(request.urn)))
        id_, outputs = _serve(context, lambda: resource.create(_plain(request.properties)))
        return provider_pb2.CreateResponse(id=id_, properties=_struct(outputs))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What is there; an empty answer where it is gone."""
        resource = _serve(context, lambda: self._package.resource(request.type or _type(request.urn)))
        found = _serve(context, lambda: resource.read(request.id))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, inputs=_struct(found[0]), properties=_struct(found[1]))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change in place, or in a preview say which outputs will be new."""
        news = _plain(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(
                properties=_struct({**_plain(request.olds), **news, "updatedAt": UNKNOWN})
            )
        resource = _serve(context, lambda: self._package.resource(request.type or _type(request.urn)))
        return provider_pb2.UpdateResponse(
            properties=_struct(_serve(context, lambda: resource.update(request.id, news)))
        )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take it away."""
        resource = _serve(context, lambda: self._package.resource(request.type or _type(request.urn)))
        _serve(context, lambda: resource.delete(request.id))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Call a function."""
        result = _serve(context, lambda: self._package.invoke(request.tok, _plain(request.args)))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(_struct(result))
        return response

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Every call is short; there is nothing to end."""
        return empty_pb2.Empty()


def serve(package: Package) -> int:
    """Serve until SIGINT, SIGTERM or the end of the parent; prints the port first. Returns the exit code."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    parent = os.getppid()
    server, port = listen(package)
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not done.wait(WATCH_SECONDS) and os.getppid() == parent:
        pass
    server.stop(0).wait()
    return 0


def listen(package: Package) -> tuple[grpc.Server, int]:
    """A server for `package` on a free port of the loopback interface; it is not started yet."""
    server = grpc.server(ThreadPoolExecutor(THREADS), options=OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(package), server)
    return server, server.add_insecure_port("127.0.0.1:0")


def _serve(context: Any, call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except PluginError as error:
        _abort(context, error)


def _abort(context: Any, error: PluginError) -> NoReturn:
    context.abort(grpc.StatusCode[error.code], str(error))
    raise error


def _type(urn: str) -> str:
    return urn.split("::", 3)[2].rpartition("$")[2]


def _plain(struct: struct_pb2.Struct) -> Properties:
    plain: Properties = json_format.MessageToDict(struct)
    return plain


def _struct(properties: Properties) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct
