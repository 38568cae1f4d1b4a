"""Every route of the control API: what it takes, what it gives, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.control import services
from localcloud.control.parts import Parts
from localcloud.control.request import Body
from localcloud.core.faults import Fault, FaultError

Json = Any
Handler = Callable[[Parts, Mapping[str, str], Body], Json]


@dataclass(frozen=True)
class ControlRoute:
    """One route; `takes` describes the JSON body, `does` what happens and what is answered."""

    method: str
    path: str
    takes: str
    does: str
    run: Handler


def _calls(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    return [call.to_json() for call in parts.calls.list()]


def _clear_calls(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    parts.calls.clear()


def _faults(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    return [asdict(fault) for fault in parts.faults.list()]


def _add_faults(parts: Parts, _path: Mapping[str, str], body: Body) -> Json:
    listed = body.get("faults", list)
    faults = [Fault.from_json(each) for each in (listed if listed is not None else [body.value])]
    for fault in faults:
        _require_known(fault)
    for fault in faults:
        parts.faults.add(fault)
    return [asdict(fault) for fault in faults]


def _require_known(fault: Fault) -> None:
    operations = services.OPERATIONS.get(fault.service)
    if fault.service not in services.OPERATIONS:
        raise FaultError(f"no service {fault.service!r}; there are {', '.join(services.OPERATIONS)}")
    if operations is None:
        return
    if fault.operation not in operations:
        raise FaultError(
            f"{fault.service} has no operation {fault.operation!r}; it has {', '.join(sorted(operations))}"
        )
    if fault.action in services.RAILWAY_ACTIONS:
        raise FaultError(f"the action {fault.action} is Railway's, not {fault.service}'s")


def _clear_faults(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    parts.faults.clear()


def _met(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    return parts.faults.holds.list()


def _release(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    parts.faults.holds.release()


def _reset(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    parts.reset()


def _commit(parts: Parts, _path: Mapping[str, str], _body: Body) -> Json:
    return {"commit": parts.working_copy.head, "uncommitted": parts.working_copy.uncommitted()}


_FAULT = "{service, operation, action, code?, body?, headers?, message?, seconds?, skip?} or {faults: [...]}"
_SEED = "{secrets?: {NAME: payload|null}, variables?: {NAME: value}, models?: {PROVIDER: behaviour}, railway?: {...}}"
_BEHAVIOUR = "{kind?, status?, seconds?, retry_after?, text?, tool?, prompt_tokens?, completion_tokens?, times?}"
_STATE = "/secrets/{name}/versions/{version}:"

ROUTES = (
    ControlRoute("GET", "/calls", "", "every call: service, operation, kind, time, authorised; oldest first", _calls),
    ControlRoute("DELETE", "/calls", "", "forgets the calls", _clear_calls),
    ControlRoute("GET", "/faults", "", "the faults that no call has met yet", _faults),
    ControlRoute("POST", "/faults", _FAULT, "queues faults; each is met once, by the next such call", _add_faults),
    ControlRoute("DELETE", "/faults", "", "forgets the faults; calls that are held go on", _clear_faults),
    ControlRoute("GET", "/faults/met", "", "the calls that met a hold or an observe, and which still wait", _met),
    ControlRoute("POST", "/faults/release", "", "lets the calls that are held go on", _release),
    ControlRoute("POST", "/reset", "", "brings every service back to the seed, ends every deployment", _reset),
    ControlRoute(
        "POST", "/seed", _SEED, "adds what a test needs; a secret that is there gets a version", services.seed
    ),
    ControlRoute("GET", "/commit", "", "the commit that Railway builds, and the files that differ from it", _commit),
    ControlRoute("GET", "/secrets", "", "every secret with the state of each version; no payload", services.secrets),
    ControlRoute(
        "POST",
        "/secrets/{name}/versions",
        "{payload?}",
        "adds a version, generated where no payload is given; also one that the API would refuse",
        services.add_version,
    ),
    ControlRoute("POST", f"{_STATE}enable", "", "enables a version", services.enable),
    ControlRoute("POST", f"{_STATE}disable", "", "disables a version", services.disable),
    ControlRoute("POST", f"{_STATE}destroy", "", "destroys a version", services.destroy),
    ControlRoute("DELETE", "/secrets/{name}", "", "deletes a secret", services.delete_secret),
    ControlRoute("GET", "/github/variables", "", "name -> value of every repository variable", services.variables),
    ControlRoute(
        "POST",
        "/github/variables",
        "{name, value}",
        "sets a repository variable; null deletes it",
        services.set_variable,
    ),
    ControlRoute("GET", "/models", "", "each provider's behaviour, hits, keys (hashed) and last call", services.models),
    ControlRoute("POST", "/models/{provider}", _BEHAVIOUR, "lets a provider behave like that", services.behave),
    ControlRoute(
        "GET", "/deployments", "", "every deployment, oldest first; names of variables only", services.deployments
    ),
    ControlRoute("GET", "/railway/state", "", "services, domains, names of variables", services.railway_state),
    ControlRoute(
        "POST",
        "/railway/variables",
        "{service, name, value}",
        "sets a variable as in the dashboard; null deletes it",
        services.edit_variable,
    ),
    ControlRoute(
        "POST",
        "/railway/settings",
        "{service, name, value}",
        "sets a setting of the service as in the dashboard",
        services.edit_setting,
    ),
    ControlRoute(
        "DELETE", "/railway/services/{service}", "", "deletes a service as in the dashboard", services.delete_service
    ),
    ControlRoute(
        "POST",
        "/railway/dns",
        "{name, type, value}",
        "sets a DNS record as at the owner's provider; null takes it away",
        services.set_dns,
    ),
    ControlRoute("POST", "/railway/push", "", "a push to the branch; ids of the deployments it starts", services.push),
    ControlRoute("POST", "/deployments/{id}/release", "", "lets a deployment that is held go on", services.release),
    ControlRoute(
        "POST", "/deployments/{id}/log", "{line, build?}", "adds a line to a deployment's log", services.plant_log
    ),
)
