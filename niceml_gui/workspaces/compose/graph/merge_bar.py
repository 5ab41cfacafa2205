"""The line below the graph at which the merge is played."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedLabel, Painted, icon_button, label, set_role
from niceml_gui.workspaces.compose.graph.merge import Merge, told


class MergeBar(Painted):
    """A slider over the layers, with buttons to play and to step, and what the layer is.

    Space plays and stops, the arrows step, Home and End go to the ends, Esc closes.

    Args:
        merge: What is played.
        parent: The Qt parent.
    """

    def __init__(self, merge: Merge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.merge = merge
        set_role(self, "bar")
        self.back = icon_button("back", "Layer before (Left)")
        self.play = icon_button("play", "Play (Space)")
        self.forward = icon_button("forward", "Next layer (Right)")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Layer of the merge")
        self.slider.setMinimumWidth(72)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.count = label("", "muted")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.count.setMinimumWidth(72)
        self.sets = label("", "muted")
        close = icon_button("close", "Show the composed config again (Esc)")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 8, 4)
        line.setSpacing(4)
        for button in (self.back, self.play, self.forward):
            line.addWidget(button)
        line.addWidget(self.slider, 1)
        line.addWidget(self.count)
        line.addSpacing(8)
        line.addWidget(self.name, 3)
        line.addWidget(self.sets)
        line.addWidget(close)
        self.setFocusProxy(self.slider)
        self.back.clicked.connect(lambda: merge.go(merge.at - 1))
        self.forward.clicked.connect(lambda: merge.go(merge.at + 1))
        self.play.clicked.connect(self._play)
        close.clicked.connect(merge.close)
        self.slider.valueChanged.connect(merge.go)
        merge.changed.connect(self._show)
        self._show()

    def _play(self) -> None:
        self.merge.play(not self.merge.playing)

    def _show(self) -> None:
        merge = self.merge
        self.setVisible(merge.opened)
        total, step = len(merge.steps), merge.step
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, total)
            self.slider.setPageStep(max(1, total // 10))
            self.slider.setValue(merge.at)
        for part in (self.slider, self.play, self.back, self.forward):
            part.setEnabled(total > 0)
        tint(self.play, "stop" if merge.playing else "play", "muted")
        self.play.setToolTip("Stop (Space)" if merge.playing else "Play (Space)")
        self.play.setAccessibleName("Stop" if merge.playing else "Play")
        self.count.setText(f"{merge.at} of {total}" if total else "")
        if merge.loading:
            self.name.set_full_text("Reading the layers…")
        else:
            self.name.set_full_text(told(step, merge.names) if step is not None else "Before the first layer")
        amount = merge.amount
        self.sets.setText(amount.signs if amount is not None else "")
        self.sets.setToolTip(amount.words if amount is not None else "")
        self.slider.setAccessibleDescription(f"{self.name.full_text()}, {self.sets.toolTip()}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plays, stops and closes."""
        if event.key() == Qt.Key.Key_Space:
            self._play()
        elif event.key() == Qt.Key.Key_Escape:
            self.merge.close()
        else:
            super().keyPressEvent(event)
