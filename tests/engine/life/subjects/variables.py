"""The life of variables."""

from __future__ import annotations

from typing import Any

from tests.engine.life.place import SERVICE
from tests.engine.life.subject import ANOTHER, Field, Subject


class Variables(Subject):
    """Plain variables and secrets of a service that was there before."""

    token = "railway:index:Variables"

    def make_fields(self) -> dict[str, Field]:
        place, service_id = self.place, self.place.make_service()
        old, new = place.reference("OPENAI-API"), place.reference("GEMINI-API")
        return {
            "projectId": Field("", place.project_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "environmentId": Field("", place.environment_id, ANOTHER, kind="replaces", applied=False, optional=False),
            "serviceId": Field("", service_id, place.make_service("web-two"), kind="replaces", optional=False),
            "variables": Field({"9": "x"}, {"A": "1", "B": "1"}, {"A": "2", "B": "1"}, {"A": "3"}, cleared={}),
            "secrets": Field({"S": "no reference"}, {"S": old}, {"S": new}, {"S": "by hand"}, cleared={}),
            "secretPrefixes": Field({"S": 1}, changed={"S": "sk-"}, kind="silent"),
        }

    def import_inputs(self) -> dict[str, Any]:
        return {**self.inputs(), "variables": {}, "secrets": {}}

    def id(self) -> str:
        holding = [name for name in (SERVICE, "web-two") if {"A", "S"} & self.place.variables(name).keys()]
        return self.place.service_id(holding[0]) if holding else ""

    def live(self, name: str) -> Any:
        if name == "serviceId":
            holding = [each for each in ("web", "web-two") if "A" in self.place.variables(each)]
            return self.place.service_id(holding[0])
        held = self.place.variables()
        if name == "variables":
            return {key: held[key] for key in ("A", "B") if key in held}
        payloads = self.place.cloud.secret_manager.values()
        names = {value: self.place.reference(secret) for secret, value in payloads.items()}
        return {"S": names.get(held["S"], held["S"])} if "S" in held else {}

    def edit(self, name: str, value: Any) -> None:
        for key, text in value.items():
            self.place.cloud.railway.edit_variable(SERVICE, key, text)

    def vanish(self) -> None:
        self.place.cloud.railway.delete_service(SERVICE)
        self.begin_with("serviceId", self.place.make_service())

    def unmanaged(self) -> Any:
        ours = {"A", "B", "S"}
        kept = {name: value for name, value in self.place.variables().items() if name not in ours}
        return kept, self.place.settings(), self.place.neighbour()
