"""A stack in any order: the program changes, others change things, runs succeed, fail and are killed."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from localcloud.core.faults import Fault
from localcloud.demo.commands import Result
from tests.engine.life.stack import NAMES, Stack

SETTINGS: Final = {
    "healthcheck_path": ("healthcheckPath", ("/a", "/b")),
    "draining_seconds": ("drainingSeconds", (5, 6)),
    "restart_policy_type": ("restartPolicyType", ("ALWAYS", "NEVER")),
}
"""Python name -> the name on the wire, and the values it is tried with."""

NOT_OURS: Final = {"THEIRS": "kept", "cronSchedule": "0 1 * * *"}
"""A variable and a setting that only others give the service."""

OURS: Final = ("A", "B", "S")
"""The variables that the program may ask for; S is a secret."""

WRITES: Final = (
    "serviceCreate",
    "serviceUpdate",
    "serviceInstanceUpdate",
    "variableCollectionUpsert",
    "environmentStageChanges",
    "environmentPatchCommitStaged",
    "serviceDomainCreate",
    "serviceDomainUpdate",
    "serviceDomainDelete",
    "serviceDelete",
)
CUT_OFF: Final = "a run was interrupted while creating it, so railway may hold it"
FAULTS: Final = ("status", "html", "drop_before", "drop_after", "graphql_error", "null_data")
VERBS = st.sampled_from(["up", "destroy"])
PORTS = st.sampled_from([4000, 5000])
texts = st.sampled_from(["1", "2"])
services = st.builds(
    lambda name, settings: {"name": name, **settings},
    st.sampled_from(NAMES),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, (_, values) in SETTINGS.items()}),
)
variables = st.fixed_dictionaries(
    {
        "variables": st.fixed_dictionaries({}, optional={"A": texts, "B": texts}),
        "secrets": st.fixed_dictionaries({}, optional={"S": st.sampled_from([1, 2])}),
    }
)
"""A secret by the number of its version."""


class AnyOrder(RuleBasedStateMachine):
    """Whatever happened before: what a run says is true, and the next one goes on from there."""

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self.stack = stack
        self.others = stack.place.neighbour()
        self.cut_off = ""
        """The verb of a run that was killed, `up` if both were: its user runs it again, and changes nothing before."""
        self.drifted = False
        """Whether others changed what is ours, and no refresh has seen it."""

    @initialize(service=services, parts=variables, port=PORTS)
    def begin(self, service: Any, parts: Any, port: int) -> None:
        """A first up that is killed once the service was made, and the one after it."""
        self.ask(service, parts, port)
        self.kill("up", 2, "after")
        self.up(looks_first=False)

    @precondition(lambda self: not self.cut_off)
    @rule(service=services | st.none(), parts=variables | st.none(), port=PORTS | st.none())
    def ask(self, service: Any, parts: Any, port: int | None) -> None:
        """The program changes."""
        wanted = self.stack.wanted
        wanted.service, wanted.variables, wanted.port = service, parts, port

    @precondition(lambda self: self.stack.held() and not self.cut_off)
    @rule(what=st.sampled_from([*OURS, *NOT_OURS, "healthcheckPath", "domain", "service"]), deletes=st.booleans())
    def others_change(self, what: str, deletes: bool) -> None:
        """Somebody else changes or deletes what is ours, or adds what is not."""
        railway, held = self.stack.place.cloud.railway, self.stack.held()[0]
        self.drifted = self.drifted or what not in NOT_OURS
        if what == "service":
            railway.delete_service(held.service_id)
        elif what == "domain":
            self.stack.delete_domain(held)
        elif what in held.settings:
            railway.edit_setting(held.service_id, what, NOT_OURS.get(what, "/theirs"))
        elif what in held.variables or what in NOT_OURS:
            theirs = NOT_OURS.get(what, None if deletes else "by hand")
            railway.edit_variable(held.service_id, what, theirs)

    @rule(looks_first=st.booleans())
    def up(self, looks_first: bool) -> None:
        if looks_first:
            self.refresh()
        theirs = self.theirs()
        result = self.stack.run("up")
        assert result.status == 0 or self.drifted, result.output
        self.ends("up", result)
        assert all(value == theirs[key] for key, value in self.theirs().items() if key in theirs)

    @rule()
    def preview(self) -> None:
        """Nothing is written, not even the state."""
        before = self.stack.recorded()
        self.stack.run("preview")
        assert self.stack.place.writes() == []
        assert self.stack.recorded() == before

    def refresh(self) -> None:
        result = self.stack.run("refresh")
        assert result.status == 0, result.output
        assert self.stack.place.writes() == []
        self.drifted = False

    @rule()
    def destroy(self) -> None:
        """Whatever there is goes, unless an up was killed that may have made more than is recorded."""
        result = self.stack.run("destroy")
        assert result.status == 0 or (self.cut_off == "up" and CUT_OFF in result.output), result.output
        self.ends("destroy", result)

    @precondition(lambda self: self.cut_off != "up")
    @rule(verb=VERBS, operation=st.sampled_from(WRITES), action=st.sampled_from(FAULTS), times=st.integers(1, 6))
    def fail(self, verb: str, operation: str, action: Any, times: int) -> None:
        with self.stack.failing(*[Fault("railway", operation, action, message="No.")] * times):
            self.ends(verb, self.stack.run(verb))

    @rule(verb=VERBS, call=st.integers(1, 14), moment=st.sampled_from(["before", "after"]))
    def kill(self, verb: str, call: int, moment: Any) -> None:
        with self.stack.killed(call, moment) as death:
            result = self.stack.run(verb)
        if death.dead:
            self.cut_off = "up" if "up" in (verb, self.cut_off) else verb
        else:
            self.ends(verb, result)

    @invariant()
    def nothing_is_there_twice(self) -> None:
        held = self.stack.held()
        assert len(held) <= 1
        assert all(len(each.ports) <= 1 for each in held)
        assert self.stack.place.neighbour() == self.others

    def teardown(self) -> None:
        self.up(looks_first=True)
        self.destroy()
        self.nothing_is_there_twice()
        assert self.stack.held() == []
        super().teardown()

    def ends(self, verb: str, result: Result) -> None:
        """A run that says it did everything has done it; what failed is on record, and the program may change."""
        if result.status != 0:
            return
        self.cut_off = ""
        if verb == "destroy":
            self.drifted = False
            assert (self.stack.recorded(), self.stack.held()) == ({}, [])
        elif not self.drifted:
            self.is_there()
            self.is_settled()

    def is_there(self) -> None:
        """Railway has what is wanted, and of what is ours nothing else."""
        wanted, held = self.stack.wanted, self.stack.held()
        if wanted.service is None:
            assert (held, self.stack.recorded()) == ([], {})
            return
        (service,) = held
        settings = {SETTINGS[name][0]: value for name, value in wanted.service.items() if name in SETTINGS}
        assert service.name == wanted.service["name"]
        assert settings.items() <= service.settings.items()
        assert {key: value for key, value in service.variables.items() if key in OURS} == self.stack.values()
        assert list(service.ports.values()) == [port for port in [wanted.port] if port]

    def is_settled(self) -> None:
        """The state holds just that: a refresh sees nothing new, and another run has nothing to do."""
        before = self.stack.recorded()
        for service in self.stack.held():
            assert before["Service"]["outputs"]["serviceId"] == service.service_id
            domains = [state["outputs"]["domainId"] for kind, state in before.items() if kind == "ServiceDomain"]
            assert list(service.ports) == domains
        for verb, *options in (("refresh",), ("up", "--expect-no-changes")):
            result = self.stack.run(verb, *options)
            assert result.status == 0, result.output
            assert self.stack.place.writes() == []
            assert self.stack.recorded() == before

    def theirs(self) -> dict[tuple[str, str], Any]:
        """What others gave a service of ours, by its id and the name."""
        found = {
            (each.service_id, name): {**each.variables, **each.settings}.get(name)
            for each in self.stack.held()
            for name in NOT_OURS
        }
        return {key: value for key, value in found.items() if value is not None}
