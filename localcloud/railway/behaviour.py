"""What of Railway's behaviour is unproven, rare or a matter of plan, and therefore switchable."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from localcloud.railway import schema_changes
from localcloud.railway.state.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Behaviour:
    """Switches; the defaults are what is usual.

    `unique_service_names` refuses a second service of one name. `read_lag` is for how many seconds reads still show
    settings and variables as they were before a write. `page_size` is the most rows of one page. `requests_per_hour`
    and `deployments_per_minute` (per service) are the limits. `refuse_early_healthcheck` refuses healthcheckPath
    before the first deployment. `creation_interval` is the seconds between two environments or two volumes of one
    user; Railway has 30, and an attempt that is refused counts too. `copy_lag` is for how many seconds a copied
    environment has none of the instances yet. `supersede` takes an unfinished build out when a newer deployment starts.
    `custom_domains_per_service` is the plan's limit. The records of a custom domain in one of the `own_zones` are there
    at once: Railway, where it is the registrar, writes them itself. `certificate_error` lets certificates fail so.
    `image_retention` is for how many seconds the image of a deployment that left is kept to roll back to.
    `route_lag` is for how many seconds the edge does not know yet of a first deployment: 404, then shortly 502.
    `push_window` is for how many seconds pushes are gathered into one deployment of the newest.
    `build_failure` are the last lines of the log of the next build, which fails with them, once.
    `schema_changes` are fields, "Type.field", that Railway's schema has lost (`removed`: 400) or answers in a list of
    one (`retyped`).
    `holds` are statuses at which the next deployments stop until they are released, one deployment each.
    """

    unique_service_names: bool = False
    read_lag: float = 0.0
    page_size: int = 100
    requests_per_hour: int = 10_000
    deployments_per_minute: int = 30
    refuse_early_healthcheck: bool = False
    creation_interval: float = 0.0
    copy_lag: float = 0.0
    supersede: bool = True
    custom_domains_per_service: int = 20
    own_zones: list[str] = field(default_factory=list)
    certificate_error: str = ""
    image_retention: float = 72 * 3600.0
    route_lag: float = 0.0
    push_window: float = 0.0
    build_failure: list[str] = field(default_factory=list)
    schema_changes: dict[str, str] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)

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
