"""One provider: how it behaves, and what it was asked."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from localcloud.models.behaviour import Behaviour
from localcloud.models.wire import Json, Question, Wire

GOOD = Behaviour()


@dataclass(frozen=True)
class Hit:
    """One call as it is kept: `key` is the fingerprint of the key it came with, `path` has no query."""

    path: str
    key: str
    question: Question

    def to_json(self) -> Json:
        """The call as `GET /models` shows it."""
        return {
            "path": self.path,
            "key": self.key,
            "model": self.question.model,
            "stream": self.question.stream,
            "body": self.question.body,
        }


class Provider:
    """Safe to use from several threads. `issued` gives the keys that it accepts, None means any."""

    def __init__(self, wire: Wire, models: Collection[str], issued: Callable[[], Collection[str] | None]) -> None:
        self.wire = wire
        self._models = frozenset(models)
        self._issued = issued
        self._lock = threading.Lock()
        self._behaviour = GOOD
        self._left = 0
        self._hits: list[Hit] = []

    def behave(self, behaviour: Behaviour) -> None:
        """Behave like that from the next call on."""
        with self._lock:
            self._behaviour, self._left = behaviour, behaviour.times

    def next_behaviour(self) -> Behaviour:
        """How to behave towards the call that is here now."""
        with self._lock:
            behaviour = self._behaviour
            if behaviour.times:
                self._left -= 1
                if self._left == 0:
                    self._behaviour = replace(behaviour, kind="good", times=0)
            return behaviour

    def accepts(self, key: str) -> bool:
        """Whether `key` is one that this provider issued."""
        issued = self._issued()
        return bool(key) and (issued is None or key in issued)

    def has(self, model: str) -> bool:
        """Whether there is a model of that id."""
        return model in self._models

    def record(self, hit: Hit) -> None:
        """Keep a call."""
        with self._lock:
            self._hits.append(hit)

    def hits(self) -> list[Hit]:
        """The calls so far, oldest first."""
        with self._lock:
            return self._hits.copy()

    def reset(self) -> None:
        """Behave well and forget all calls."""
        with self._lock:
            self._behaviour, self._left = GOOD, 0
            self._hits.clear()

    def to_json(self) -> Json:
        """The provider as `GET /models` shows it."""
        hits = self.hits()
        with self._lock:
            kind = self._behaviour.kind
        return {
            "behaviour": kind,
            "hits": len(hits),
            "keys": list(dict.fromkeys(hit.key for hit in hits)),
            "last": hits[-1].to_json() if hits else None,
        }


def fingerprint(key: str) -> str:
    """A short hash of a key, to tell keys apart without keeping them."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]
