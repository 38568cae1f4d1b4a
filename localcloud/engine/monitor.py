"""The resource monitor: what the Pulumi SDK in this process calls while the program runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties
from localcloud.engine.context import Context
from localcloud.engine.errors import EngineError
from localcloud.engine.goal import from_request, refuse_builtin
from localcloud.engine.providers import ProviderResources
from localcloud.engine.reads import read_resource
from localcloud.engine.registration import Registrar
from localcloud.engine.wire import MonitorError

Answer = TypeVar("Answer")
FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
)
"""What is served, and what is announced only to be refused by name: the SDK would blame the version of the CLI."""


class Monitor:
    """Answers the SDK; the method names are those of the protocol. Blocking calls come from executor threads."""

    def __init__(self, context: Context, providers: ProviderResources, registrar: Registrar) -> None:
        self._context = context
        self._providers = providers
        self._registrar = registrar
        self._outputs: dict[str, Properties] = {}
        self._lock = threading.Lock()

    @property
    def stack_outputs(self) -> Properties | None:
        """What the program exports; `None` as long as it has not said so."""
        stacks = [outputs for name, outputs in self._outputs.items() if urn.type_of(name) == urn.ROOT_TYPE]
        return stacks[0] if stacks else None

    def GetDeploymentInfo(self, request: Any) -> Any:  # noqa: N802, ARG002
        """The features of this engine."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Bring a resource to what the program wants."""
        return _translated(lambda: self._register(request))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """Record the outputs of a component; those of the stack wait for the end of the run."""
        return _translated(lambda: self._register_outputs(request))

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """Read a resource that the program does not manage."""
        return _translated(lambda: self._read(request))

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Call a function of a provider."""
        return _translated(lambda: self._invoke(request))

    def SignalAndWaitForShutdown(self, request: Any) -> Any:  # noqa: N802, ARG002
        """The program has ended; there are no hooks to wait for."""
        return empty_pb2.Empty()

    def Call(self, request: Any) -> NoReturn:  # noqa: N802
        """Refused."""
        _refuse(f"methods of resources ({request.tok})")

    def ExistsResource(self, request: Any) -> NoReturn:  # noqa: N802
        """Refused."""
        _refuse(f"exists for resources ({request.type})")

    def RegisterPackage(self, request: Any) -> NoReturn:  # noqa: N802
        """Refused."""
        _refuse(f"parameterized packages ({request.name})")

    def RegisterStackTransform(self, request: Any) -> NoReturn:  # noqa: N802, ARG002
        """Refused."""
        _refuse("transforms")

    def RegisterStackInvokeTransform(self, request: Any) -> NoReturn:  # noqa: N802, ARG002
        """Refused."""
        _refuse("transforms of functions")

    def RegisterResourceHook(self, request: Any) -> NoReturn:  # noqa: N802
        """Refused."""
        _refuse(f"resource hooks ({request.name})")

    def RegisterErrorHook(self, request: Any) -> NoReturn:  # noqa: N802
        """Refused."""
        _refuse(f"error hooks ({request.name})")

    def _register(self, request: Any) -> Any:
        context = self._context
        name = urn.make(context.stack, context.project.name, request.parent, request.type, request.name)
        with context.reported(name):
            goal = from_request(request, context.stack, context.project.name)
        state = self._registrar.register(goal)
        outputs = state.outputs if goal.custom else {}
        return resource_pb2.RegisterResourceResponse(urn=state.urn, id=state.id, object=codec.encode(outputs))

    def _register_outputs(self, request: Any) -> Any:
        outputs = codec.decode(request.outputs)
        with self._lock:
            if request.urn in self._outputs:
                raise EngineError(f"outputs of {request.urn} are registered twice")
            self._outputs[request.urn] = outputs
        state = self._context.snapshot.find(request.urn)
        if state is None:
            raise EngineError(f"outputs are registered for {request.urn}, which is not registered itself")
        if state.type != urn.ROOT_TYPE:
            self._context.snapshot.change(state, outputs=outputs)
        return empty_pb2.Empty()

    def _read(self, request: Any) -> Any:
        state = read_resource(self._context, self._providers, self._registrar, request)
        return resource_pb2.ReadResourceResponse(urn=state.urn, id=state.id, properties=codec.encode(state.outputs))

    def _invoke(self, request: Any) -> Any:
        self._context.guard()
        token, arguments = request.tok, codec.decode(request.args)
        refuse_builtin(token)
        provider, _ = self._providers.resolve(
            token, request.provider, request.version, request.pluginDownloadURL, self._registrar.register
        )
        if not provider.configured:
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        result, failures = provider.invoke(token, arguments, preview=self._context.preview)
        response = resource_pb2.ResourceInvokeResponse(
            failures=[provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in failures]
        )
        getattr(response, "return").CopyFrom(codec.encode(result))
        return response


def _translated(serve: Callable[[], Answer]) -> Answer:
    try:
        return serve()
    except EngineError as error:
        raise MonitorError(error) from error


def _refuse(what: str) -> NoReturn:
    raise MonitorError(
        EngineError(f"The embedded engine does not support {what}; use the Pulumi CLI for this program.")
    )
