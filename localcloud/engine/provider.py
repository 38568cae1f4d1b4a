"""A provider as the engine sees it: typed calls to one plugin, property values in and out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import grpc
from google.protobuf import empty_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped]  # it ships no py.typed
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localcloud.engine import codec, urn
from localcloud.engine.codec import Properties, Value
from localcloud.engine.errors import CheckError, CheckFailure, EngineError, PluginGoneError, ProviderError
from localcloud.engine.state import ResourceState

Answer = TypeVar("Answer")
METADATA_BYTES: Final = 16 * 1024 * 1024
"""The state of a half-made resource travels in the trailing metadata."""

MESSAGE_BYTES: Final = 400 * 1024 * 1024
CHANNEL_OPTIONS: Final = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
]
HANDSHAKE_SECONDS: Final = 10.0
SEED_BYTES: Final = 32
DETAILS: Final = "grpc-status-details-bin"


@dataclass(frozen=True)
class Diff:
    """A provider's answer to Diff. `changed` is `None` where it leaves the comparison to the engine."""

    changed: bool | None = None
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False
    detailed: Mapping[str, str] = field(default_factory=dict)
    """Property path -> kind: add, delete or update, with `-replace` where it forces a replacement."""


@dataclass(frozen=True)
class ReadResult:
    """What Read found; an empty `id` means that the resource is gone. `inputs` is `None` where not supported."""

    id: str
    inputs: Properties | None
    outputs: Properties
    init_errors: tuple[str, ...] = ()


class InitFailedError(EngineError):
    """The resource exists but is not ready: it must be recorded, and the next run tries again."""

    def __init__(
        self, message: str, id_: str, inputs: Properties | None, outputs: Properties, reasons: tuple[str, ...]
    ):
        super().__init__("; ".join(reasons) or message)
        self.id = id_
        self.inputs = inputs
        self.outputs = outputs
        self.reasons = reasons


class Provider:
    """One configured instance of a plugin. Calls block; they may come from any thread."""

    def __init__(self, package: str, address: str, end: Callable[[], str]) -> None:
        """`end` says how the plugin's process ended, and nothing as long as it lives."""
        self.package = package
        self._end = end
        self.configured = False
        self._channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._accepts_secrets = False
        self._supports_preview = True

    def attach(self, engine_address: str) -> None:
        """Tell a plugin that was started by somebody else where the engine is."""
        self._call(self._stub.Attach, plugin_pb2.PluginAttach(address=engine_address))

    def handshake(self, engine_address: str, directory: str) -> None:
        """Agree on features. A plugin that knows no handshake is asked when it is configured."""
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address,
            root_directory=directory,
            program_directory=directory,
            configure_with_urn=True,
            invoke_with_preview=True,
        )
        try:
            answer = self._stub.Handshake(request, timeout=HANDSHAKE_SECONDS, wait_for_ready=True)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise self._failure(error, {}) from error
            self._supports_preview = False
        else:
            self._accepts_secrets = answer.accept_secrets

    def check_config(self, target: str, olds: Properties, news: Properties) -> Properties:
        """The configuration as the provider wants it. Raises `CheckError` for bad input."""
        request = provider_pb2.CheckRequest(
            **_names(target), olds=codec.encode(olds, secrets=False), news=codec.encode(news, secrets=False)
        )
        try:
            answer = self._call(self._stub.CheckConfig, request)
        except ProviderError as error:
            if error.code == "UNIMPLEMENTED":
                return news
            raise
        return keep_secrets(_checked(target, answer), news)

    def diff_config(self, target: str, old_inputs: Properties, olds: Properties, news: Properties) -> Diff:
        """What a change of configuration means for what the provider manages."""
        request = provider_pb2.DiffRequest(
            **_names(target),
            olds=codec.encode(olds, secrets=False),
            old_inputs=codec.encode(old_inputs, secrets=False),
            news=codec.encode(news, secrets=False),
        )
        try:
            return _diff(self._call(self._stub.DiffConfig, request))
        except ProviderError as error:
            if error.code == "UNIMPLEMENTED":
                return Diff()
            raise

    def configure(self, target: str, id_: str, inputs: Properties) -> None:
        """Hand over the configuration. Not called while a value of it is unknown."""
        variables = {
            f"{self.package}:config:{key}": value if isinstance(value, str) else codec.json_text(value)
            for key, value in ((key, codec.unwrap(value)) for key, value in inputs.items())
        }
        request = provider_pb2.ConfigureRequest(
            **_names(target),
            id=id_,
            variables=variables,
            args=codec.encode(inputs, secrets=self._accepts_secrets),
            acceptSecrets=True,
            acceptResources=False,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        answer = self._call(self._stub.Configure, request)
        self._accepts_secrets = self._accepts_secrets or answer.acceptSecrets
        self._supports_preview = self._supports_preview or answer.supportsPreview
        self.configured = True

    def check(self, target: str, olds: Properties, news: Properties) -> Properties:
        """The inputs, validated and completed. Raises `CheckError` for bad input."""
        if not self.configured:
            return news
        request = provider_pb2.CheckRequest(
            **_names(target),
            olds=self._encode(olds),
            news=self._encode(news),
            randomSeed=secrets.token_bytes(SEED_BYTES),
        )
        return self._decode(_checked_struct(target, self._call(self._stub.Check, request)), news)

    def diff(self, target: str, old: ResourceState, news: Properties, ignore: tuple[str, ...]) -> Diff:
        """Compare the recorded resource with new inputs."""
        if not self.configured:
            return Diff(changed=True)
        request = provider_pb2.DiffRequest(
            **_names(target),
            id=old.id,
            olds=self._encode(old.outputs),
            old_inputs=self._encode(old.inputs),
            news=self._encode(news),
            ignoreChanges=ignore,
        )
        return _diff(self._call(self._stub.Diff, request))

    def create(self, target: str, inputs: Properties, timeout: float, *, preview: bool) -> tuple[str, Properties]:
        """(id, outputs); in a preview the id is empty. Raises `InitFailedError` or `ProviderError`."""
        if preview and not (self.configured and self._supports_preview):
            return "", {}
        request = provider_pb2.CreateRequest(
            **_names(target), properties=self._encode(inputs), timeout=timeout, preview=preview
        )
        answer = self._call(self._stub.Create, request, inputs)
        if not preview and not answer.id:
            raise ProviderError(f"{target}: the provider {self.package} created it without an id.")
        return ("" if preview else answer.id), self._result(target, answer.properties, inputs, preview=preview)

    def update(
        self,
        target: str,
        old: ResourceState,
        news: Properties,
        ignore: tuple[str, ...],
        *,
        timeout: float,
        preview: bool,
    ) -> Properties:
        """The outputs after the change. Raises as `create` does."""
        if preview and not (self.configured and self._supports_preview):
            return news if self.configured else {}
        request = provider_pb2.UpdateRequest(
            **_names(target),
            id=old.id,
            old_inputs=self._encode(old.inputs),
            olds=self._encode(old.outputs),
            news=self._encode(news),
            ignoreChanges=ignore,
            timeout=timeout,
            preview=preview,
        )
        answer = self._call(self._stub.Update, request, news)
        return self._result(target, answer.properties, news, preview=preview)

    def read(self, target: str, id_: str, inputs: Properties, outputs: Properties, timeout: float = 0.0) -> ReadResult:
        """The resource as it is now. An init failure is part of the result, not an error."""
        request = provider_pb2.ReadRequest(
            **_names(target), id=id_, inputs=self._encode(inputs), properties=self._encode(outputs), timeout=timeout
        )
        try:
            answer = self._call(self._stub.Read, request, outputs)
        except InitFailedError as failure:
            found_inputs = None if failure.inputs is None else keep_secrets(failure.inputs, inputs)
            return ReadResult(failure.id, found_inputs, failure.outputs, failure.reasons)
        found = self._result(target, answer.properties, outputs, preview=False)
        read_inputs = self._decode(answer.inputs, inputs) if answer.HasField("inputs") else None
        return ReadResult(answer.id, read_inputs, found)

    def delete(self, old: ResourceState, timeout: float) -> None:
        """Take the resource away; one that is gone already is the provider's business. Raises `ProviderError`."""
        request = provider_pb2.DeleteRequest(
            **_names(old.urn),
            id=old.id,
            old_inputs=self._encode(old.inputs),
            properties=self._encode(old.outputs),
            timeout=timeout,
        )
        self._call(self._stub.Delete, request)

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> tuple[Properties, list[CheckFailure]]:
        """(result, failures) of a function."""
        request = provider_pb2.InvokeRequest(
            tok=token, args=codec.encode(arguments, secrets=self._accepts_secrets), preview=preview
        )
        answer = self._call(self._stub.Invoke, request)
        return codec.decode(getattr(answer, "return")), _failures(answer.failures)

    def cancel(self) -> None:
        """Ask the plugin to end what it is doing, and close the connection afterwards with `close`."""
        try:
            self._stub.Cancel(empty_pb2.Empty(), timeout=HANDSHAKE_SECONDS)
        except grpc.RpcError:
            return

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def _encode(self, properties: Properties) -> Any:
        return codec.encode(properties, secrets=self._accepts_secrets)

    def _decode(self, struct: Any, inputs: Properties) -> Properties:
        properties = codec.decode(struct)
        return properties if self._accepts_secrets else keep_secrets(properties, inputs)

    def _result(self, target: str, struct: Any, inputs: Properties, *, preview: bool) -> Properties:
        """Outputs; one whose like-named input is secret is secret as well."""
        outputs = keep_secrets(codec.decode(struct), inputs)
        if not preview and codec.contains_unknown(outputs):
            raise ProviderError(f"{target}: the provider {self.package} answered with a value that is not known.")
        return outputs

    def _call(self, method: Callable[..., Answer], request: object, given: Properties | None = None) -> Answer:
        """The answer. What an init failure brings is secret wherever the like-named value of `given` is."""
        try:
            return method(request)
        except grpc.RpcError as error:
            raise self._failure(error, given or {}) from error

    def _failure(self, error: Any, given: Properties) -> EngineError:
        """The engine's error for a failed call, with the init failure where the plugin sent one."""
        for key, value in error.trailing_metadata() or ():
            if key == DETAILS:
                found = _init_failure(str(error.details()), value, given)
                if found:
                    return found
        end = self._end() if error.code() == grpc.StatusCode.UNAVAILABLE else ""
        if end:
            return PluginGoneError(f"the plugin {self.package} is gone: it {end}")
        return ProviderError(str(error.details()), error.code().name)


def _names(urn_: str) -> dict[str, Any]:
    """The fields that name the resource in each request."""
    return {"urn": urn_, "name": urn.name_of(urn_), "type": urn.type_of(urn_)}


def _init_failure(message: str, details: bytes, given: Properties) -> InitFailedError | None:
    for detail in status_pb2.Status.FromString(details).details:
        if detail.Is(provider_pb2.ErrorResourceInitFailed.DESCRIPTOR):
            failure = provider_pb2.ErrorResourceInitFailed()
            detail.Unpack(failure)
            inputs = _known(codec.decode(failure.inputs)) if failure.HasField("inputs") else None
            outputs = keep_secrets(_known(codec.decode(failure.properties)), given)
            return InitFailedError(message, failure.id, inputs, outputs, tuple(failure.reasons))
    return None


def _known(properties: Properties) -> Properties:
    """`properties` without those that are not known: the state, which must keep the rest, cannot hold them."""
    return {key: value for key, value in properties.items() if not codec.contains_unknown(value)}


def _checked_struct(target: str, answer: Any) -> Any:
    if answer.failures:
        raise CheckError(target, _failures(answer.failures))
    return answer.inputs


def _checked(target: str, answer: Any) -> Properties:
    return codec.decode(_checked_struct(target, answer))


def _failures(failures: Any) -> list[CheckFailure]:
    return [CheckFailure(failure.property, failure.reason) for failure in failures]


def _diff(answer: Any) -> Diff:
    kinds = provider_pb2.PropertyDiff.Kind
    changed = {answer.DIFF_NONE: False, answer.DIFF_SOME: True}.get(answer.changes)
    detailed = {path: kinds.Name(diff.kind).lower().replace("_", "-") for path, diff in answer.detailedDiff.items()}
    return Diff(changed, tuple(answer.replaces), answer.deleteBeforeReplace, detailed)


def keep_secrets(properties: Properties, inputs: Properties) -> Properties:
    """`properties`, secret wherever the like-named input is; a list is secret as a whole."""
    return {key: _hidden_like(value, inputs[key]) if key in inputs else value for key, value in properties.items()}


def _hidden_like(value: Value, given: Value) -> Value:
    if isinstance(given, dict) and isinstance(value, dict):
        return keep_secrets(value, given)
    marked = codec.contains_secret(value)  # by a plugin that takes secrets, which knows best where they went
    if value is codec.UNKNOWN or marked or not codec.contains_secret(given):
        return value
    return codec.secret(codec.unwrap(value))
