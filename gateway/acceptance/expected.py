"""What a right gateway is, as data: its models and owners in order, its probe route, the doors that stay shut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BRIEF: Final = 16
"""Tokens that are enough for a greeting."""

THINKING: Final = 1024
"""Gemini thinks before it answers, and its thoughts count against max_tokens: with few, the message stays empty."""


@dataclass(frozen=True)
class Model:
    """A model by the name clients use. `max_tokens` bounds what one call may cost."""

    name: str
    owner: str
    max_tokens: int = BRIEF


@dataclass(frozen=True)
class Door:
    """A path that LiteLLM has and this gateway must not open without a key."""

    method: str
    path: str


@dataclass(frozen=True)
class Expected:
    """The declared gateway.

    `fallback_probe` is a hidden route whose first upstream is a closed port, so that `stand_in` answers; `streamed` and
    `timed` are the models that those checks ask.
    """

    models: tuple[Model, ...]
    streamed: Model
    timed: Model
    fallback_probe: Model
    stand_in: Model
    closed_doors: tuple[Door, ...]

    @property
    def names(self) -> list[str]:
        """The names of the models, in the order in which the gateway lists them."""
        return [model.name for model in self.models]


CLAUDE: Final = Model("claude-sonnet", "anthropic")
GPT: Final = Model("gpt-4o", "openai")
GEMINI_PRO: Final = Model("gemini-pro", "google", THINKING)
GEMINI_FLASH: Final = Model("gemini-flash", "google", THINKING)

READING_DOORS: Final = (
    "/",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/routes",
    "/ui/",
    "/sso/key/generate",
    "/fallback/login",
    "/metrics",
    "/status",
    "/health/readiness",
    "/health/services",
    "/public/model_hub",
    "/get/config/callbacks",
    "/model/info",
    "/v1/model/info",
    "/key/info",
    "/settings",
    "/global/spend",
    "/v1/budget",
)

WRITING_DOORS: Final = (
    "/key/generate",
    "/config/update",
    "/model/new",
    "/user/new",
    "/v1/messages",
    "/v1/responses",
    "/v1/embeddings",
    "/anthropic/v1/messages",
    "/openai/v1/chat/completions",
)

EXPECTED: Final = Expected(
    models=(CLAUDE, GPT, GEMINI_PRO, GEMINI_FLASH),
    streamed=CLAUDE,
    timed=GEMINI_FLASH,
    fallback_probe=Model("fallback-probe", "google", THINKING),
    stand_in=GEMINI_FLASH,
    closed_doors=(*(Door("GET", path) for path in READING_DOORS), *(Door("POST", path) for path in WRITING_DOORS)),
)
"""The gateway of the deployment plan."""
