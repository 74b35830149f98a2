"""The counts of a running crawl for Prometheus."""

from collections.abc import Iterator
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from review_scraper.errors import ScraperError
from review_scraper.tally import Tally

COUNTS = {
    "pages": "Pages that were fetched.",
    "browser_pages": "Pages that the browser rendered.",
    "bytes": "Bytes of the pages.",
    "companies": "Companies that were seen.",
    "new_companies": "Companies that were not known.",
    "reviews": "Reviews that were seen.",
    "new_reviews": "Reviews that were not known.",
    "changed_reviews": "Reviews that are not as they were.",
    "delivered": "Items that the API took.",
}
REASONS = {
    "rejected": "Items that did not fit.",
    "errors": "Pages that were given up.",
    "notes": "What was met and dealt with.",
}


class TallyCollector(Collector):
    """Reads the tally when it is asked."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        for name, text in COUNTS.items():
            yield CounterMetricFamily(f"scraper_{name}", text, value=getattr(self._tally, name))
        for name, text in REASONS.items():
            family = CounterMetricFamily(f"scraper_{name}", text, labels=["reason"])
            for reason, count in getattr(self._tally, name).copy().items():
                family.add_metric([reason], count)
            yield family
        yield GaugeMetricFamily("scraper_seconds", "Seconds of the run.", value=self._tally.seconds)


def serve_metrics(tally: Tally, host: str, port: int) -> tuple[WSGIServer, Thread]:
    """Serve the metrics at `/metrics` until the process ends."""
    registry = CollectorRegistry()
    registry.register(TallyCollector(tally))
    ProcessCollector(registry=registry)
    try:
        return start_http_server(port, host, registry)
    except OSError as error:
        message = f"metrics cannot be served on {host}:{port}: {error.strerror}"
        raise ScraperError(message) from error
