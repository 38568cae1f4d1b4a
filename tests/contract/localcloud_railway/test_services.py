"""Services: create, name, connect, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.railway import Speed

if TYPE_CHECKING:
    from .conftest import Cloud

pytestmark = pytest.mark.contract

PROJECT = "95ec21cc-9ada-41c5-8485-12f9a00e0116"
ENVIRONMENT = "99c99a18-aea2-4d01-9360-6a93705102a0"
REPOSITORY = "acme/shop"
CREATE = "mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id name } }"
CONNECT = "mutation($id: String!, $input: ServiceConnectInput!) { serviceConnect(id: $id, input: $input) { id } }"
DELETE = "mutation($id: String!, $environment: String) { serviceDelete(id: $id, environmentId: $environment) }"
ONE = "query($id: String!) { service(id: $id) { name icon deletedAt project { name } } }"
INSTANCE = """query($environment: String!, $service: String!) {
    serviceInstance(environmentId: $environment, serviceId: $service) {
        id serviceName source { repo image } latestDeployment { id } activeDeployments { id } service { id } } }"""
TRIGGERS = """query($project: String!, $environment: String!, $service: String!) {
    deploymentTriggers(projectId: $project, environmentId: $environment, serviceId: $service) {
        edges { node { id repository branch provider checkSuites } } } }"""
LIST = "query($id: String!) { project(id: $id) { services { edges { node { id name deletedAt } } } } }"
Until = Callable[..., Any]


def listed(cloud: Cloud) -> list[dict[str, Any]]:
    return [edge["node"] for edge in cloud.api.data(LIST, id=PROJECT)["project"]["services"]["edges"]]


def instance(cloud: Cloud, service: str) -> dict[str, Any]:
    return dict(cloud.api.data(INSTANCE, environment=ENVIRONMENT, service=service)["serviceInstance"])


def triggers(cloud: Cloud, service: str) -> list[dict[str, Any]]:
    found = cloud.api.data(TRIGGERS, project=PROJECT, environment=ENVIRONMENT, service=service)
    return [edge["node"] for edge in found["deploymentTriggers"]["edges"]]


def test_an_empty_service_has_an_instance_and_no_deployment(cloud: Cloud) -> None:
    service = cloud.create_service(variables={"A": "1"})
    found = instance(cloud, service)
    assert (found["serviceName"], found["source"], found["latestDeployment"]) == ("web", None, None)
    assert found["service"]["id"] == service
    assert cloud.variables(service) == {"A": "1"}
    assert cloud.railway.deployments() == []
    assert cloud.api.data(ONE, id=service)["service"]["project"]["name"] == "delightful-cat"


def test_a_service_with_a_source_deploys_at_once(cloud: Cloud) -> None:
    service = cloud.create_service(source={"repo": REPOSITORY}, branch="main")
    (deployment,) = cloud.railway.deployments()
    assert (deployment["serviceId"], deployment["commit"]) == (service, cloud.repository.first)


def test_two_services_of_one_name_are_possible_unless_switched_off(cloud: Cloud) -> None:
    assert cloud.create_service("web") != cloud.create_service("web")
    cloud.railway.seed({"behaviour": {"unique_service_names": True}})
    error = cloud.api.error(CREATE, input={"projectId": PROJECT, "name": "web"})
    assert "already exists" in error
    assert len(listed(cloud)) == 2


@pytest.mark.parametrize("name", ["", "x" * 33])
def test_a_name_has_1_to_32_characters(cloud: Cloud, name: str) -> None:
    service = cloud.create_service("y" * 32)
    query = "mutation($id: String!, $input: ServiceUpdateInput!) { serviceUpdate(id: $id, input: $input) { name } }"
    assert cloud.api.error(query, id=service, input={"name": name}) == "Invalid input"
    assert listed(cloud)[0]["name"] == "y" * 32


def test_a_missing_name_is_made_up(cloud: Cloud) -> None:
    assert cloud.api.data(CREATE, input={"projectId": PROJECT})["serviceCreate"]["name"]


def test_a_rename_keeps_what_it_does_not_name(cloud: Cloud) -> None:
    service = cloud.create_service(icon="cat")
    query = (
        "mutation($id: String!, $input: ServiceUpdateInput!) { serviceUpdate(id: $id, input: $input) { name icon } }"
    )
    found = cloud.api.data(query, id=service, input={"name": "shop"})["serviceUpdate"]
    assert found == {"name": "shop", "icon": "cat"}


def test_connecting_makes_a_trigger_and_deploys_the_head(cloud: Cloud) -> None:
    service = cloud.create_service()
    head = cloud.repository.commit("second")
    cloud.connect(service)
    (trigger,) = triggers(cloud, service)
    assert (trigger["repository"], trigger["branch"], trigger["provider"]) == (REPOSITORY, "main", "github")
    assert instance(cloud, service)["source"] == {"repo": REPOSITORY, "image": None}
    assert [item["commit"] for item in cloud.railway.deployments()] == [head]
    cloud.connect(service)
    assert len(triggers(cloud, service)) == 1, "at most one an instance"
    assert len(cloud.railway.deployments()) == 2


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"repo": "acme/other", "branch": "main"}, "GitHub repository not found"),
        ({"repo": REPOSITORY, "branch": "elsewhere"}, "GitHub branch not found"),
        ({}, "Invalid input"),
    ],
)
def test_what_cannot_be_connected_changes_nothing(cloud: Cloud, given: dict[str, str], error: str) -> None:
    service = cloud.create_service()
    assert cloud.api.error(CONNECT, id=service, input=given) == error
    assert triggers(cloud, service) == []
    assert cloud.railway.deployments() == []


def test_disconnecting_takes_source_and_trigger_away(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.connect(service)
    cloud.api.data("mutation($id: String!) { serviceDisconnect(id: $id) { id } }", id=service)
    assert triggers(cloud, service) == []
    assert instance(cloud, service)["source"] is None
    deploy = """mutation($service: String!, $environment: String!) {
        serviceInstanceDeployV2(serviceId: $service, environmentId: $environment) }"""
    error = cloud.api.error(deploy, service=service, environment=ENVIRONMENT)
    assert error == "Cannot deploy a service without a source"


def test_a_trigger_can_be_changed_but_not_its_root_directory(cloud: Cloud) -> None:
    service = cloud.create_service()
    cloud.connect(service)
    (trigger,) = triggers(cloud, service)
    query = """mutation($id: String!, $input: DeploymentTriggerUpdateInput!) {
        deploymentTriggerUpdate(id: $id, input: $input) { checkSuites } }"""
    assert cloud.api.data(query, id=trigger["id"], input={"checkSuites": True}) == {
        "deploymentTriggerUpdate": {"checkSuites": True}
    }
    assert cloud.api.error(query, id=trigger["id"], input={"rootDirectory": "x"}) == "Problem processing request"
    assert cloud.api.error(query, id=trigger["id"], input={"branch": "x"}) == "GitHub branch not found"
    assert cloud.api.error(query, id="x", input={}) == "DeploymentTrigger not found"


def test_a_deleted_service_is_listed_for_a_moment_and_then_gone(cloud: Cloud, until: Until) -> None:
    service, domain, deployment = cloud.launched()
    port = cloud.serving(domain, "one")["env"]["PORT"]
    cloud.railway.world.speed = Speed(step=1.5)
    assert cloud.api.data(DELETE, id=service) == {"serviceDelete": True}
    assert [item["id"] for item in listed(cloud) if item["deletedAt"]] == [service]
    assert cloud.api.error(DELETE, id=service) == "Service not found"
    assert cloud.api.error(INSTANCE, environment=ENVIRONMENT, service=service) == "ServiceInstance not found"
    until(lambda: not listed(cloud))
    assert cloud.api.error(ONE, id=service) == "Not Authorized"
    cloud.await_status(deployment, "REMOVED")
    until(lambda: cloud.closed(port))
    until(lambda: cloud.closed(domain))


def test_a_service_made_in_a_fork_exists_there_only(cloud: Cloud) -> None:
    cloud.railway.seed({"forks": ["preview"]})
    fork = next(iter(set(cloud.railway.world.environments) - {ENVIRONMENT}))
    given = {"projectId": PROJECT, "name": "web", "environmentId": fork}
    service = cloud.account.data(CREATE, input=given)["serviceCreate"]["id"]
    assert cloud.account.data(INSTANCE, environment=fork, service=service)
    assert cloud.account.error(INSTANCE, environment=ENVIRONMENT, service=service) == "ServiceInstance not found"
    other = cloud.create_service("other")
    assert cloud.account.error(INSTANCE, environment=fork, service=other) == "ServiceInstance not found"
    cloud.railway.world.speed = Speed(step=60)  # it is still listed while the test looks
    assert cloud.account.data(DELETE, id=service, environment=fork) == {"serviceDelete": True}
    assert cloud.account.error(INSTANCE, environment=fork, service=service) == "ServiceInstance not found"
    assert cloud.account.error(DELETE, id=service) == "Service not found", "it went with its only instance"


def test_the_repository_is_known_to_the_github_app(cloud: Cloud) -> None:
    repo = "query($name: String!) { githubRepo(fullRepoName: $name) { fullName defaultBranch isPrivate } }"
    assert cloud.api.data(repo, name=REPOSITORY)["githubRepo"]["defaultBranch"] == "main"
    assert cloud.api.error(repo, name="acme/other") == "GitHub repository not found"
    access = "query($name: String!) { gitHubRepoAccessAvailable(fullRepoName: $name) { hasAccess } }"
    assert cloud.api.data(access, name=REPOSITORY)["gitHubRepoAccessAvailable"] == {"hasAccess": True}
    assert cloud.api.data(access, name="acme/other")["gitHubRepoAccessAvailable"] == {"hasAccess": False}
    branches = 'query { githubRepoBranches(owner: "acme", repo: "shop") { name } }'
    assert cloud.api.data(branches) == {"githubRepoBranches": [{"name": "main"}]}
    every = "query { githubRepos { fullName installationId } }"
    assert cloud.account.data(every)["githubRepos"][0]["fullName"] == REPOSITORY
    assert cloud.api.error(every) == "Not Authorized"
