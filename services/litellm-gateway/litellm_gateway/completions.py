"""What a text completion may ask for: `POST /v1/completions` of OpenAI, which LiteLLM makes a chat of one message.

Left out is what a chat has no place for (`suffix`, `echo`, `logprobs`, `best_of`) and more than one prompt, since each
is a call of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from litellm_gateway import chat, json_body, rules
from litellm_gateway.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_gateway.models import Model

PARAMETERS: Final[rules.Rules] = {
    "prompt": rules.texts(most=1),
    **{
        name: chat.PARAMETERS[name]
        for name in (
            *("model", "stream", "stream_options", "n", "max_tokens", "stop", "seed", "temperature", "top_p"),
            *("presence_penalty", "frequency_penalty", "logit_bias", "user"),
        )
    },
}


def prepare(body: bytes, *, models: Mapping[str, Model], max_tokens: int) -> chat.Prepared:
    """Check a text completion; see `chat.prepare`."""
    request = json_body.parse(body)
    rules.check(request, PARAMETERS, {"stream_options": "stream"})
    rules.check_temperature(request, rules.resolve_model(request, models).provider)
    if request.get("prompt") is None:
        raise invalid("missing_required_parameter", "'prompt' has to be a text.", "prompt")
    rules.cap_tokens(request, max_tokens, "max_tokens")
    return chat.Prepared.of(request)
