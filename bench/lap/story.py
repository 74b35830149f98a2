"""The lap, step by step: publish, write, train again, canary, promote, go back, sabotage."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Say
from bench.lap import people, sabotage, traffic
from bench.lap.owner import Owner
from bench.lap.people import People
from bench.lap.report import Lap
from bench.lap.sabotage import HALF
from bench.lap.served import Served, paired
from bench.product import Product
from candor_local.services import address, program

ORDINARY, PLANTED = 200, 100
"""How many ordinary reviews people write before the second training, and how many a word."""

ON_CANARY = 200
"""How many ordinary reviews they write while the canary has half of the visitors."""

SABOTAGED = "sabotaged"


@dataclass
class Story:
    """A product, its owner and its visitors; the lap grows with each step."""

    product: Product
    owner: Owner
    visitors: People
    folder: Path
    archive: Path
    """The first model: the one that Candor brings."""
    say: Say
    lap: Lap = field(default_factory=Lap)

    def tell(self) -> Lap:
        """Run all steps in their order."""
        with self._step("the first model goes live"):
            self.publish(self.archive, "production")
            first = self.owner.version_of("production") or "none"
            self.lap.versions["before"] = first
            self.note_gate(first)
        with self._step("people write"):
            self.write()
        before = self.production.probe()
        with self._step("training on what they wrote"):
            self.lap.versions["after"] = self.train()
        with self._step("canary"):
            self.compare()
        with self._step("promotion"):
            self.lap.promotion = traffic.during(self.production.url, self.promote)
        with self._step("rollback"):
            self.lap.rollback = traffic.during(self.production.url, self.roll_back)
        with self._step("promotion again"):
            self.promote()
        self.lap.probes = paired(before, self.production.probe())
        with self._step("sabotage"):
            self.sabotage()
        self.lap.versions["after"] = self.owner.version_of("production") or "none"
        return self.lap

    @property
    def production(self) -> Served:
        """The TorchServe that visitors ask."""
        return Served(address(self.product.model_port))

    @property
    def canary(self) -> Served:
        """The TorchServe of the canary."""
        return Served(address(self.product.port("CANARY_PORT")))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.say(name)
        started = time.monotonic()
        yield
        self.lap.seconds[name] = round(time.monotonic() - started, 1)

    def publish(self, archive: Path, alias: str) -> None:
        """Publish an archive by the command; what the gate says is asked of the API."""
        command = [program("candor"), "publish", str(archive), "--alias", alias]
        subprocess.run(command, env=self.product.environment, check=False, capture_output=True)

    def note_gate(self, version: str) -> str:
        """Note what the gate said of a version; return its verdict."""
        gate = self.owner.gate_of(version)
        self.lap.gates.append({"version": version, **gate})
        return str(gate["verdict"])

    def write(self) -> None:
        """Have people write; then the owner decides to use what was held back."""
        written = [*people.ordinary(ORDINARY), *people.planted(PLANTED)]
        self.visitors.write(written)
        self.owner.wait_until_scored()
        held_back = self.owner.use_all_held_back()
        self.lap.reviews = {"written": len(written), "held_back": held_back}

    def train(self) -> str:
        """Train on what was written; return the version, which is now the canary."""
        version = self.owner.train("canary")
        self.note_gate(version)
        return version

    def compare(self) -> None:
        """Give the canary half of the visitors, and see what is measured of both versions."""
        self.canary.wait_for(self.lap.versions["after"])
        self.owner.put("/api/canary", weight=HALF, reason="half of the visitors")
        self.visitors.write(people.ordinary(ON_CANARY))
        self.owner.wait_until_scored()
        found = self.owner.get("/api/model-comparison")["versions"]
        self.lap.canary = {one["version"]: one for one in found}

    def promote(self) -> None:
        """Set the new version live and wait until it answers."""
        version = self.lap.versions["after"]
        named = {"name": "sentiment", "version": version}
        self.owner.put("/api/model-aliases/production", **named, reason="better on probes")
        self.production.wait_for(version)

    def roll_back(self) -> None:
        """Go back to the version before and wait until it answers."""
        self.owner.roll_back()
        self.production.wait_for(self.lap.versions["before"])

    def sabotage(self) -> None:
        """Publish a model that likes everything; then force it on half of the visitors."""
        bad = sabotage.sabotaged(self.archive, SABOTAGED, self.folder / "sabotaged.mar")
        self.publish(bad, "canary")
        self.lap.sabotage["gate"] = self.note_gate(SABOTAGED)
        self.lap.sabotage["refused"] = sabotage.is_refused(self.owner, SABOTAGED)
        seconds = sabotage.seconds_until_caught(self.owner, self.visitors, SABOTAGED)
        self.lap.sabotage["caught_seconds"] = round(seconds, 1)
