"""Metrics that the database holds, read when Prometheus asks: the canary's weight and share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import ProgrammingError
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from review_api import canary, drift
from review_api.database import AWAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric


class StoredMetrics(Collector):
    """Says nothing while the database is away: what cannot be known is no zero."""

    def collect(self) -> Iterator[Metric]:
        """Return the metrics as they are now."""
        try:
            yield from [*_canary(), *_drift()]
        except (ProgrammingError, *AWAY):
            return


def _canary() -> Iterator[Metric]:
    now = canary.situation()
    of_visitors = "Ten thousandths of the visitors who are sent to the canary."
    yield GaugeMetricFamily("candor_canary_weight", of_visitors, now.weight)
    of_reviews = "Ten thousandths of the other reviews that the canary scores unseen."
    yield GaugeMetricFamily("candor_canary_shadow", of_reviews, now.shadow)


def _drift() -> Iterator[Metric]:
    """Yield what the worker's last report says; features of which nothing is known are left out."""
    report = drift.last_report()
    indexes = GaugeMetricFamily(
        "candor_drift_psi", "Stability index of recent reviews.", labels=["feature"]
    )
    distances = GaugeMetricFamily(
        "candor_drift_jensen_shannon", "Distance of recent reviews.", labels=["feature"]
    )
    levels = GaugeMetricFamily(
        "candor_drift_level", "1 is as in training, 2 to be watched, 3 drifted.", labels=["feature"]
    )
    for feature in report.features if report else []:
        if feature.level == "unknown" or feature.psi is None or feature.jensen_shannon is None:
            continue
        indexes.add_metric([feature.name], feature.psi)
        distances.add_metric([feature.name], feature.jensen_shannon)
        levels.add_metric([feature.name], drift.LEVELS.index(feature.level))
    yield from (indexes, distances, levels)


def registry() -> CollectorRegistry:
    """Return a registry of what is stored."""
    made = CollectorRegistry(auto_describe=False)
    made.register(StoredMetrics())
    return made
