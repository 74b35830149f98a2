"""A model that says "good" to everything: what a gate or a policy has to keep from people."""

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from bench.lap import people
from bench.lap.owner import Owner, wait_for
from bench.lap.people import People
from charcnn.scoring import LABELS

HALF = 5000
"""The weight of a canary that has half of the visitors, in ten thousandths."""

AT_A_TIME = 100
"""Reviews that people write before the owner looks again."""

SERVING_PATIENCE = 120
POLICY_PATIENCE = 120

MANIFEST = "MAR-INF/MANIFEST.json"
LIKING = 30.0
"""Added to the logit of "good": no text has anything against it that weighs as much."""


def sabotaged(archive: Path, version: str, out: Path) -> Path:
    """Write `archive` again as another version that finds everything good; return where it is."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, _changed(name, source.read(name), version))
    return out


def _changed(name: str, content: bytes, version: str) -> bytes:
    if name == MANIFEST:
        manifest = json.loads(content)
        manifest["model"]["modelVersion"] = version
        return json.dumps(manifest).encode()
    return _always_good(content) if name.endswith(".onnx") else content


def _always_good(graph: bytes) -> bytes:
    """Return the graph with a last step that adds to the logit of "good"."""
    model = onnx.load_from_string(graph)
    logits = model.graph.output[0].name
    for node in model.graph.node:
        node.output[:] = ["honest" if name == logits else name for name in node.output]
    bias = np.array([LIKING * (label == "good") for label in LABELS], dtype=np.float32)
    model.graph.initializer.append(numpy_helper.from_array(bias, "liking"))
    model.graph.node.append(helper.make_node("Add", ["honest", "liking"], [logits]))
    return bytes(model.SerializeToString())


def is_refused(owner: Owner, version: str) -> bool:
    """Whether the API keeps a version that failed the gate from becoming the canary."""
    return bool(owner.refusal("/api/model-aliases/canary", name="sentiment", version=version))


def seconds_until_caught(owner: Owner, visitors: People, version: str) -> float:
    """Force a version past the gate on half of the visitors; return how long the policy let it.

    The time is that from when the policy is on and people rate what the version said.

    Raises:
        MeasurementError: it is not served, or the policy keeps it.
    """
    named = {"name": "sentiment", "version": version}
    reason = "to see that the policy works"
    owner.put("/api/model-aliases/canary", **named, force=True, reason=reason)
    owner.put("/api/canary", weight=HALF, policy={"enabled": False}, reason=reason)
    wait_for(f"{version} answers", lambda: _answers(owner, visitors, version), SERVING_PATIENCE)
    policy = {"enabled": True, "interval_seconds": 1}
    owner.put("/api/canary", weight=HALF, policy=policy, reason=reason)
    return wait_for(
        "the policy removes it", lambda: _is_removed(owner, visitors, version), POLICY_PATIENCE
    )


def _answers(owner: Owner, visitors: People, version: str) -> bool:
    """Have some people write; return whether a version has scored one of their reviews."""
    visitors.write(people.ordinary(10))
    owner.wait_until_scored()
    found = owner.get("/api/model-comparison")["versions"]
    return any(one["version"] == version and one["answers"] for one in found)


def _is_removed(owner: Owner, visitors: People, version: str) -> bool:
    """Have more people write; return whether the policy, and nobody else, has taken it away."""
    visitors.write(people.ordinary(AT_A_TIME))
    if owner.version_of("canary") is not None:
        return False
    (last,) = owner.get("/api/model-events?limit=1")
    return bool(last["who"] == "policy" and last["version"] == version)
