"""The line below the list of runs: how the queue works."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from niceml_engine.protocol.runs import QueueState
from niceml_gui import words
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedButton, icon_button


class QueueBar(QWidget):
    """Says how many runs may run at a time and whether a worker is ready, and pauses the queue.

    Args:
        session: Knows the queue.
    """

    settings_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.says = ElidedButton()
        self.says.setProperty("role", "flat")
        self.says.clicked.connect(self.settings_wanted)
        self.pause = icon_button("pause", "Pause the queue")
        self.pause.clicked.connect(self._pause)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 10, 2)
        layout.addWidget(self.says)
        layout.addStretch(1)
        layout.addWidget(self.pause)
        session.runs.queue_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Reads the session."""
        queue = self._session.runs.queue
        settings = queue.settings
        parts = ["paused" if settings.paused else f"{settings.limit} at a time", *spare_words(queue)[:1]]
        if queue.problem:
            parts.insert(0, f"stuck: {queue.problem}")
        text = " · ".join(parts)
        memory = f", {words.size(queue.spare.memory)}" if settings.spare and queue.spare.memory else ""
        self.says.setText(f"{text}{memory}")
        self.says.set_shorter(text, parts[0])
        lines = (self.says.text(), "How many run at a time, and more…", *spare_words(queue)[1:], queue.notice)
        self.says.setToolTip("\n".join(filter(None, lines)))
        self.says.setAccessibleName(f"Queue: {self.says.text()}")
        name, tip = ("play", "Start what waits") if settings.paused else ("pause", "Start nothing; what runs goes on")
        tint(self.pause, name, "accent" if settings.paused else "muted")
        self.pause.setToolTip(tip)
        self.pause.setAccessibleName("Go on with the queue" if settings.paused else "Pause the queue")

    def _pause(self) -> None:
        self._session.runs.change_queue(paused=not self._session.runs.queue.settings.paused)


def spare_words(queue: QueueState) -> tuple[str, ...]:
    """What there is to say of the worker that is kept ready: in short, and at length."""
    spare = queue.spare
    if not queue.settings.spare:
        return ()
    whose = "A worker of another window" if spare.elsewhere else "A worker"
    if spare.ready:
        memory = f": {words.size(spare.memory)} of memory" if spare.memory else ""
        return "worker ready", f"{whose} has imported Dagster and TensorFlow{memory}"
    if spare.pid or spare.elsewhere:
        return "worker warming up", f"{whose} imports Dagster and TensorFlow for the next run"
    return ("no worker ready", spare.problem) if spare.problem else ()
