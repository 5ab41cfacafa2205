"""What a run took of its machine, over time. Plain numpy."""

from __future__ import annotations

from niceml_engine.events import Gpu, Resources
from niceml_gui.workspaces.runs.charts.growing import Floats, Growing


class Usage:
    """Columns of what `Resources` rows say.

    Attributes:
        last: The latest row; `None` before there is one.
        gpus: The latest of each GPU.
    """

    def __init__(self) -> None:
        self.last: Resources | None = None
        self.gpus: tuple[Gpu, ...] = ()
        self._times = Growing()
        self._columns: dict[str, Growing] = {}

    def __len__(self) -> int:
        return len(self._times)

    @property
    def times(self) -> Floats:
        """When the machine was looked at, in seconds since the epoch."""
        return self._times.view

    def column(self, name: str) -> Floats:
        """Values of one kind, one for each time: `cpu`, `memory`, `machine_cpu`, `machine_memory`, `gpu0`, ...

        GPUs that are seen later, or not always, are at 0 in between.
        """
        column = self._columns.get(name)
        return column.view if column is not None else Growing().view

    def add(self, event: Resources) -> None:
        """Takes up a row."""
        before = len(self)
        self.last = event
        self.gpus = event.gpus or self.gpus
        self._times.append(max(event.time, float(self.times[-1]) if before else event.time))
        found: dict[str, float] = {
            "cpu": event.cpu,
            "memory": event.memory,
            "machine_cpu": event.machine_cpu,
            "machine_memory": event.machine_memory,
        }
        for number, gpu in enumerate(event.gpus):
            found |= {f"gpu{number}": gpu.used, f"gpu{number}_memory": gpu.memory}
        for name in found.keys() - self._columns.keys():
            self._columns[name] = Growing()
            for _ in range(before):
                self._columns[name].append(0.0)
        for name, column in self._columns.items():
            column.append(found.get(name, 0.0))
