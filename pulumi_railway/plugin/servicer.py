# ruff: noqa: N802 - the methods are named by the protocol
"""The provider protocol's calls, each in the shape the engine expects."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2

import pulumi_railway
from pulumi_railway.handlers.base import Diff
from pulumi_railway.plugin import failures, functions, property_diffs, schema, settings
from pulumi_railway.plugin.codec import UNKNOWN_TEXT, decode
from pulumi_railway.plugin.engine_log import EngineLog
from pulumi_railway.plugin.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi_railway.plugin.resources import Resources
from pulumi_railway.plugin.session import ConfigurationError, Session
from pulumi_railway.redaction import Redactor

if TYPE_CHECKING:
    from pulumi_railway.api.retries import RetryPolicy
    from pulumi_railway.handlers.base import Handler
    from pulumi_railway.plugin.settings import Environment

Request = TypeVar("Request")
Response = TypeVar("Response")


def _call(
    method: Callable[[RailwayProvider, Request], Response],
) -> Callable[[RailwayProvider, Request, grpc.ServicerContext], Response]:
    """A method of the protocol: whatever it raises becomes a status."""

    @functools.wraps(method)
    def answer(self: RailwayProvider, request: Request, context: grpc.ServicerContext) -> Response:
        with failures.reported(method.__name__, context, self.redactor):
            return method(self, request)

    return answer


class RailwayProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The Railway package as the engine sees it; one instance a process. Close it when done.

    `policy` says when requests to Railway are sent again, `sleep` how the handlers wait.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        environment: Environment,
        engine_address: str = "",
        policy: RetryPolicy | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.redactor = Redactor()
        self._log = EngineLog(engine_address, self.redactor)
        self._session = Session(environment, self._log, self.redactor, policy, sleep)
        self._resources = Resources(handlers, self._session, self.redactor)

    def cancel(self) -> None:
        """Ask every call under way to end soon, with what it has finished."""
        self._session.cancelled.set()

    def close(self) -> None:
        """Close the connections to Railway, to Secret Manager and to the engine."""
        self._session.close()
        self._log.close()

    @_call
    def Handshake(self, request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        """Secrets come marked; outputs and resources come as plain values."""
        self._log.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @_call
    def Attach(self, request: plugin_pb2.PluginAttach) -> empty_pb2.Empty:
        """Serve another engine: what the one before interrupted is over."""
        self._log.connect(request.address)
        self._session.cancelled.clear()
        return empty_pb2.Empty()

    @_call
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        """The version of the package."""
        return plugin_pb2.PluginInfo(version=pulumi_railway.__version__)

    @_call
    def GetSchema(self, _request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        """The package's schema."""
        return provider_pb2.GetSchemaResponse(schema=schema.text())

    @_call
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Validate the provider's own inputs."""
        wrong = settings.check_config(decode(request.news).values)
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures.check_failures(wrong, self.redactor))

    @_call
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """No setting of the provider makes its resources other ones: nothing is ever replaced."""
        old, new = decode(request.old_inputs).values, decode(request.news).values
        changes = [name for name in settings.KNOWN if old.get(name) != new.get(name)]
        return property_diffs.response(Diff(changes), old, new)

    @_call
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Make the clients; no call goes out, and no token is fetched yet."""
        inputs = decode(request.args).values
        if wrong := settings.check_config(inputs):
            raise ConfigurationError("; ".join(f"railway:{failure.property} {failure.reason}" for failure in wrong))
        self._session.configure(inputs, "" if request.id == UNKNOWN_TEXT else request.id)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_call
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """See `Resources.check`."""
        return self._resources.check(request)

    @_call
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """See `Resources.diff`."""
        return self._resources.diff(request)

    @_call
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """See `Resources.create`."""
        return self._resources.create(request)

    @_call
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """See `Resources.read`."""
        return self._resources.read(request)

    @_call
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """See `Resources.update`."""
        return self._resources.update(request)

    @_call
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """See `Resources.delete`."""
        self._resources.delete(request)
        return empty_pb2.Empty()

    @_call
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        """See `functions.invoke`."""
        return functions.invoke(request, self._session)

    @_call
    def Cancel(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        """The user interrupted the run, or it is over: the engine sends this in either case."""
        self.cancel()
        return empty_pb2.Empty()

    @_call
    def Parameterize(self, _request: provider_pb2.ParameterizeRequest) -> NoReturn:
        """Not supported."""
        _refuse("parameters")

    @_call
    def Construct(self, _request: provider_pb2.ConstructRequest) -> NoReturn:
        """Not supported."""
        _refuse("remote components")

    @_call
    def Call(self, _request: provider_pb2.CallRequest) -> NoReturn:
        """Not supported."""
        _refuse("methods of resources")

    @_call
    def List(self, _request: provider_pb2.ListRequest) -> NoReturn:
        """Not supported."""
        _refuse("lists of resources")

    @_call
    def GetMapping(self, _request: provider_pb2.GetMappingRequest) -> NoReturn:
        """Not supported."""
        _refuse("mappings from other ecosystems")

    @_call
    def GetMappings(self, _request: provider_pb2.GetMappingsRequest) -> NoReturn:
        """Not supported."""
        _refuse("mappings from other ecosystems")


def _refuse(what: str) -> NoReturn:
    raise failures.UnsupportedError(f"The Railway provider has no {what}.")
