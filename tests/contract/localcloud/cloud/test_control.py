"""The control API: what it shows, what it breaks, and what it never tells."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from localcloud.cloud import LocalCloud
from localcloud.control.routes import ROUTES

pytestmark = pytest.mark.contract

FAULT = {"service": "github", "operation": "GetUser", "action": "status", "code": 503}


def _user(cloud: LocalCloud) -> int:
    headers = {"Authorization": f"Bearer {cloud.keyring.deploy.github}"}
    return httpx.get(f"{cloud.endpoints.github}/user", headers=headers).status_code


def test_every_route_is_described(control: httpx.Client) -> None:
    described = control.get("/").json()

    assert [entry["route"] for entry in described] == [f"{route.method} {route.path}" for route in ROUTES]
    assert all(entry["does"] for entry in described)


def test_calls_are_shown_and_forgotten(control: httpx.Client, cloud: LocalCloud) -> None:
    _user(cloud)

    (call,) = control.get("/calls").json()
    assert {key: call[key] for key in ("service", "operation", "kind", "authorised")} == {
        "service": "github",
        "operation": "GetUser",
        "kind": "query",
        "authorised": True,
    }
    assert call["time"]

    assert control.delete("/calls").status_code == 204
    assert control.get("/calls").json() == []


@pytest.mark.parametrize("body", [FAULT, [FAULT], {"faults": [FAULT]}], ids=["one", "list", "named list"])
def test_a_fault_is_queued_and_met(control: httpx.Client, cloud: LocalCloud, body: Any) -> None:
    assert control.post("/faults", json=body).status_code == 201
    assert [fault["operation"] for fault in control.get("/faults").json()] == ["GetUser"]

    assert [_user(cloud), _user(cloud)] == [503, 200]
    assert control.get("/faults").json() == []


def test_faults_are_forgotten(control: httpx.Client, cloud: LocalCloud) -> None:
    control.post("/faults", json=FAULT)

    assert control.delete("/faults").status_code == 204
    assert _user(cloud) == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/faults/release"), ("DELETE", "/faults"), ("POST", "/reset")])
def test_a_call_is_held_until_it_is_released(control: httpx.Client, cloud: LocalCloud, method: str, path: str) -> None:
    control.post("/faults", json={**FAULT, "action": "hold"})
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(_user, cloud)
        while not (met := control.get("/faults/met").json()):
            assert not held.done()
        assert met == [{"service": "github", "operation": "GetUser", "waits": True}]
        with pytest.raises(TimeoutError):
            held.result(0.1)
        assert control.request(method, path).status_code == 204
        assert held.result(10) == 200
    assert not [call for call in control.get("/faults/met").json() if call["waits"]]


def test_a_call_is_observed_and_goes_on(control: httpx.Client, cloud: LocalCloud) -> None:
    control.post("/faults", json={**FAULT, "action": "observe"})
    assert control.get("/faults/met").json() == []
    assert _user(cloud) == 200
    assert control.get("/faults/met").json() == [{"service": "github", "operation": "GetUser", "waits": False}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"service": "gitlab"}, "no service 'gitlab'"),
        ({"operation": "GetUsr"}, "github has no operation 'GetUsr'"),
        ({"action": "null_data"}, "Railway's, not github's"),
        ({"action": "explode"}, "no action 'explode'"),
        ({"code": "503"}, "code cannot be '503'"),
    ],
)
def test_a_fault_that_could_never_be_met_is_refused(control: httpx.Client, change: dict[str, Any], said: str) -> None:
    answer = control.post("/faults", json=[FAULT, {**FAULT, **change}])

    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert control.get("/faults").json() == []


def test_a_railway_fault_is_met(control: httpx.Client, cloud: LocalCloud) -> None:
    fault = {"service": "railway", "operation": "projectToken", "action": "graphql_error", "message": "Broken"}
    assert control.post("/faults", json=fault).status_code == 201

    answer = httpx.post(
        cloud.endpoints.railway,
        json={"query": "{projectToken{projectId}}"},
        headers={"Project-Access-Token": cloud.keyring.deploy.railway},
    )

    assert answer.json()["errors"][0]["message"] == "Broken"


def test_versions_are_added_and_switched(control: httpx.Client, cloud: LocalCloud) -> None:
    assert control.post("/secrets/OPENAI-API/versions").json() == {"name": "OPENAI-API", "version": 2}
    assert control.post("/secrets/OPENAI-API/versions", json={"payload": "given"}).json()["version"] == 3
    assert cloud.secret_manager.values()["OPENAI-API"] == "given"

    for verb in ("disable", "destroy"):
        assert control.post(f"/secrets/OPENAI-API/versions/1:{verb}").status_code == 204
    control.post("/secrets/OPENAI-API/versions/2:disable")
    assert control.get("/secrets").json()["OPENAI-API"] == {"1": "DESTROYED", "2": "DISABLED", "3": "ENABLED"}

    control.post("/secrets/OPENAI-API/versions/2:enable")
    assert control.get("/secrets").json()["OPENAI-API"]["2"] == "ENABLED"
    assert control.delete("/secrets/OPENAI-API").status_code == 204
    assert "OPENAI-API" not in control.get("/secrets").json()


def test_a_payload_that_the_api_refuses_can_be_planted(control: httpx.Client, cloud: LocalCloud) -> None:
    for flawed in ("", "value\n", "\ufeffvalue"):
        assert control.post("/secrets/OPENAI-API/versions", json={"payload": flawed}).status_code == 201
        assert cloud.secret_manager.values()["OPENAI-API"] == flawed


def test_seed_adds_what_a_test_needs(control: httpx.Client, cloud: LocalCloud) -> None:
    document = {
        "secrets": {"NEW": "payload", "OPENAI-API": None},
        "variables": {"A": "1"},
        "models": {"openai": {"status": 429}},
        "railway": {"services": [{"name": "somebody-elses"}]},
    }

    assert control.post("/seed", json=document).status_code == 204

    assert cloud.secret_manager.values()["NEW"] == "payload"
    assert control.get("/secrets").json()["OPENAI-API"] == {"1": "ENABLED", "2": "ENABLED"}
    assert control.get("/github/variables").json() == {"A": "1"}
    assert control.get("/models").json()["openai"]["behaviour"] == "status"
    assert [service["name"] for service in control.get("/railway/state").json()["services"]] == ["somebody-elses"]


def test_reset_brings_everything_back(control: httpx.Client, cloud: LocalCloud) -> None:
    before = cloud.secret_manager.values()
    control.post("/seed", json={"variables": {"A": "1"}, "secrets": {"OPENAI-API": "x"}, "models": {"openai": {}}})
    control.post("/seed", json={"railway": {"services": [{"name": "one"}]}})
    control.post("/faults", json=FAULT)
    _user(cloud)

    assert control.post("/reset").status_code == 204

    assert cloud.secret_manager.values() == before
    assert control.get("/github/variables").json() == {}
    assert control.get("/railway/state").json() == {"services": []}
    assert control.get("/deployments").json() == []
    assert control.get("/faults").json() == control.get("/calls").json() == []


def test_repository_variables_are_edited_by_hand(control: httpx.Client) -> None:
    for value in ("1", "2", None):
        assert control.post("/github/variables", json={"name": "A", "value": value}).status_code == 204
        assert control.get("/github/variables").json().get("A") == value

    assert control.post("/github/variables", json={"name": "A", "value": None}).status_code == 422


def test_railway_is_edited_as_in_the_dashboard(control: httpx.Client, cloud: LocalCloud) -> None:
    control.post("/seed", json={"railway": {"services": [{"name": "one", "variables": {"A": "secret-value"}}]}})

    assert control.post("/railway/variables", json={"service": "one", "name": "B", "value": "x"}).status_code == 204
    assert control.post("/railway/variables", json={"service": "one", "name": "A", "value": None}).status_code == 204
    setting = {"service": "one", "name": "healthcheckPath", "value": "/other"}
    assert control.post("/railway/settings", json=setting).status_code == 204

    (service,) = control.get("/railway/state").json()["services"]
    assert service["variables"] == ["B"]
    assert control.delete("/railway/services/one").status_code == 204


def test_dns_is_what_the_owner_says(control: httpx.Client, cloud: LocalCloud) -> None:
    for value in ("a.up.railway.app", None):
        record = {"name": "api.shop.org", "type": "CNAME", "value": value}
        assert control.post("/railway/dns", json=record).status_code == 204
        assert cloud.railway.world.dns.get(("api.shop.org", "CNAME")) == value


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/railway/variables", {"service": "absent", "name": "A", "value": "x"}, 404),
        ("POST", "/railway/variables", {"service": "absent", "name": "A"}, 400),
        ("POST", "/railway/dns", {"name": "absent.org", "type": "TXT", "value": None}, 404),
        ("POST", "/models/mistral", {}, 404),
        ("POST", "/models/openai", {"kind": "odd"}, 400),
        ("POST", "/secrets/ABSENT/versions", {}, 404),
        ("POST", "/secrets/OPENAI-API/versions", {"payload": 1}, 400),
        ("POST", "/secrets/OPENAI-API/versions/9:disable", {}, 404),
        ("POST", "/seed", {"colours": {}}, 400),
        ("POST", "/seed", {"railway": {"colours": {}}}, 400),
        ("POST", "/deployments/absent/release", {}, 404),
        ("DELETE", "/railway/services/absent", None, 404),
        ("PUT", "/calls", None, 404),
        ("GET", "/absent", None, 404),
    ],
)
def test_a_bad_call_is_one_clear_line(control: httpx.Client, method: str, path: str, body: Any, status: int) -> None:
    answer = control.request(method, path, json=body)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("content", [b"{", b'"text"'])
def test_a_body_that_is_no_object_is_refused(control: httpx.Client, content: bytes) -> None:
    assert control.post("/seed", content=content).status_code == 400


@pytest.mark.parametrize("headers", [{"Host": "example.org"}, {"Origin": "https://example.org"}])
def test_no_web_page_may_call_it(control: httpx.Client, headers: dict[str, str]) -> None:
    assert control.post("/reset", headers=headers).status_code in {400, 403}


def test_no_secret_value_is_ever_told(control: httpx.Client, cloud: LocalCloud) -> None:
    control.post("/seed", json={"railway": {"services": [{"name": "one", "variables": {"KEY": "a-secret-value"}}]}})
    hidden = {*cloud.secret_manager.store.every_payload(), "a-secret-value"}
    hidden |= {cloud.keyring.deploy.secret_manager, cloud.keyring.deploy.github, cloud.keyring.preview.github}
    key = cloud.secret_manager.values()["OPENAI-API"]
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    url = f"{cloud.endpoints.models}/openai/v1/chat/completions"
    assert httpx.post(url, json=body, headers={"Authorization": f"Bearer {key}"}).status_code == 200

    told = "".join(control.get(route.path).text for route in ROUTES if route.method == "GET")

    assert "gpt-4o" in told
    assert not [value for value in hidden if value in told]
