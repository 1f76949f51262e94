"""Prometheus metrics: what the pipeline and the handlers tell of, and how long everything has been silent.

`observe` takes whatever the pipeline tells; an event without a counter here is counted as `upriver_events_total`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

STAGES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
WATCHED = ("delivery", "verdict", "post")
"""What must not fall silent."""
MOST_LABELS = 60
"""Distinct reasons of one metric; the others are counted as "other": a label that strangers choose must not grow."""


class Metrics:
    """One a process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: dict[str, set[str]] = {}
        self.registry = CollectorRegistry()
        self._began = clock()
        self._latest: dict[str, float] = {}
        self.deliveries = self._counter("deliveries", "Inbound deliveries", ("source", "outcome"))
        self.refused = self._counter("requests_refused", "Requests that were not taken", ("path", "status"))
        self.verdicts = self._counter("verdicts", "Failing jobs judged, by verdict", ("kind",))
        self.posts = self._counter("posts", "Texts written to a forge", ("kind",))
        self.jobs = self._counter("jobs", "Failing jobs by how far they came", ("state",))
        self.decisions = self._counter("decisions", "What was decided", ("change", "upstream"))
        self.commands = self._counter("commands", "Commands by what came of them", ("word", "state"))
        self.buried = self._counter("buried", "Work that could not be done", ("workflow",))
        self.events = self._counter("events", "Everything else that was told of", ("event",))
        self.requests = Histogram(
            "upriver_request_seconds",
            "Time to answer a request",
            ("route", "status"),
            registry=self.registry,
            buckets=STAGES,
        )
        self.stages = Histogram(
            "upriver_stage_seconds", "Time that a stage took", ("stage",), registry=self.registry, buckets=STAGES
        )
        self.queue = Gauge(
            "upriver_queue_depth", "Work that waits or runs, by queue", ("queue",), registry=self.registry
        )
        self.graves = Gauge("upriver_buried_now", "Buried work that nobody replayed", registry=self.registry)
        for name in WATCHED:
            silent = Gauge(f"upriver_seconds_since_{name}", f"Seconds since the last {name}", registry=self.registry)
            silent.set_function(lambda name=name: self._clock() - self._latest.get(name, self._began))  # type: ignore[misc]

    def _counter(self, name: str, about: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"upriver_{name}", about, labels, registry=self.registry)

    def observe(self, event: str, /, **labels: object) -> None:
        """Count an event. Never raises: counting must not fail what is counted."""
        if event in WATCHED:
            self._latest[event] = self._clock()
        if event == "stage":
            self.stages.labels(self._kept("stage", labels.get("stage"))).observe(float(str(labels.get("seconds", 0))))
            return
        counter = {
            "delivery": (self.deliveries, ("source", "outcome")),
            "verdict": (self.verdicts, ("kind",)),
            "post": (self.posts, ("kind",)),
            "job": (self.jobs, ("state",)),
            "decision": (self.decisions, ("change", "upstream")),
            "command": (self.commands, ("word", "state")),
            "buried": (self.buried, ("workflow",)),
        }.get(event)
        if counter is None:
            self.events.labels(self._kept("event", event)).inc()
            return
        counted, names = counter
        counted.labels(*(self._kept(f"{event}.{name}", labels.get(name)) for name in names)).inc()

    def ask(self, name: str, about: str, label: str, values: Callable[[], Mapping[str, float]]) -> None:
        """A gauge whose values, by one label, are asked for whenever the page is."""
        self.registry.register(_Asked(f"upriver_{name}", about, label, values))

    def _kept(self, kind: str, value: object) -> str:
        """The label's value, or "other" where there are too many already."""
        text = str(value)[:80]
        known = self._seen.setdefault(kind, set())
        if text not in known and len(known) >= MOST_LABELS:
            return "other"
        known.add(text)
        return text

    def page(self) -> tuple[bytes, str]:
        """The text for Prometheus and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class _Asked(Collector):
    """One gauge that keeps no values."""

    name: str
    about: str
    label: str
    values: Callable[[], Mapping[str, float]]

    def collect(self) -> Iterator[Metric]:
        """The gauge as it stands."""
        family = GaugeMetricFamily(self.name, self.about, labels=(self.label,))
        for key, value in self.values().items():
            family.add_metric((key,), value)
        yield family
