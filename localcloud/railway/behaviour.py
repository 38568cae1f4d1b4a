"""What of Railway's behaviour is unproven, rare or a matter of plan, and therefore switchable."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from localcloud.railway import schema_changes
from localcloud.railway.state.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping


def _says(does: str, evidence: str = "") -> dict[str, str]:
    """What a switch does, and the grade of evidence that Railway does so too, where there is any."""
    return {"does": does, "evidence": evidence}


@dataclass
class Behaviour:
    """Switches; the defaults are what is usual. `metadata` says what each does, and COVERAGE.md lists it."""

    unique_service_names: bool = field(default=False, metadata=_says("refuses a second service of one name"))
    read_lag: float = field(
        default=0.0, metadata=_says("seconds that reads still show settings and variables as before a write", "F")
    )
    page_size: int = field(default=100, metadata=_says("the most rows of one page"))
    requests_per_hour: int = field(default=10_000, metadata=_says("the most requests of one token", "D"))
    deployments_per_minute: int = field(default=30, metadata=_says("the most deployments of one service", "F"))
    refuse_early_healthcheck: bool = field(
        default=False, metadata=_says("refuses healthcheckPath before the first deployment", "F")
    )
    creation_interval: float = field(
        default=0.0,
        metadata=_says(
            "seconds between two environments or two volumes of one user, 30 at Railway; a refused attempt counts too",
            "F",
        ),
    )
    copy_lag: float = field(
        default=0.0, metadata=_says("seconds that a copied environment has none of the instances yet")
    )
    supersede: bool = field(
        default=True, metadata=_says("takes an unfinished build out when a newer deployment starts")
    )
    custom_domains_per_service: int = field(default=20, metadata=_says("the plan's limit", "D"))
    own_zones: list[str] = field(
        default_factory=list,
        metadata=_says("zones whose records are there at once: Railway, the registrar, writes them"),
    )
    certificate_error: str = field(default="", metadata=_says("lets certificates fail so"))
    image_retention: float = field(
        default=72 * 3600.0, metadata=_says("seconds that the image of a deployment that left is kept")
    )
    route_lag: float = field(
        default=0.0,
        metadata=_says("seconds that the edge does not know yet of a first deployment: 404, then shortly 502", "F"),
    )
    push_window: float = field(
        default=0.0, metadata=_says("seconds that pushes are gathered into one deployment of the newest", "F")
    )
    build_failure: list[str] = field(
        default_factory=list, metadata=_says("the last lines of the log of the next build, which fails with them, once")
    )
    schema_changes: dict[str, str] = field(
        default_factory=dict,
        metadata=_says(
            'fields, "Type.field", that the schema has lost (`removed`: 400) or answers in a list of one (`retyped`)'
        ),
    )
    holds: list[str] = field(
        default_factory=list,
        metadata=_says("statuses at which the next deployments stop until released, one deployment each"),
    )

    def configure(self, switches: Mapping[str, Any]) -> None:
        """Set the named switches. Raises ValueError for an unknown name or a value of another type."""
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in switches.items():
            if name not in known:
                raise ValueError(f"no switch {name!r}; there are {', '.join(sorted(known))}")
            number = known[name] is float and isinstance(value, int)
            if not number and type(value) is not known[name]:
                raise ValueError(f"switch {name} takes a {known[name].__name__}, not {value!r}")
        if any(not isinstance(line, str) for line in switches.get("build_failure", [])):
            raise ValueError("switch build_failure takes lines of text")
        schema_changes.require(switches.get("schema_changes", {}).items())
        for status in switches.get("holds", []):
            Status(status)  # a ValueError for what is none
        for name, value in switches.items():
            setattr(self, name, value)
