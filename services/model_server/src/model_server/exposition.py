"""The synchroniser's metrics in Prometheus's text format.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterable, Mapping

from model_server.status import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FAILURES = ("registry", "torchserve", "model", "store")


def render(status: Status) -> str:
    """Return all metrics."""
    wanted = status.wanted
    info = {
        "alias": status.alias,
        "serving": status.serving or "",
        "wanted": wanted.version if wanted else "",
    }
    failures = [({"of": name}, status.failures[name]) for name in FAILURES]
    parts = [
        _metric("model_sync_info", "gauge", "Alias and versions, as labels.", [(info, 1)]),
        _metric(
            "model_sync_in_order",
            "gauge",
            "Whether what the alias means is known and served.",
            [({}, int(status.in_order))],
        ),
        _metric(
            "model_sync_switches_total",
            "counter",
            "Changes of the default version.",
            [({}, status.switches)],
        ),
        _metric("model_sync_failures_total", "counter", "Failures, by what failed.", failures),
    ]
    return "".join(parts)


def _metric(
    name: str, kind: str, explained: str, samples: Iterable[tuple[Mapping[str, str], int]]
) -> str:
    lines = [f"# HELP {name} {explained}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    # Versions and our own words need no escapes.
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""
