"""The first page: open something, or try the sample."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from niceml_gui import state
from niceml_gui.address import Address
from niceml_gui.paths import pure, sample_project
from niceml_gui.theme import style
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.basics import ElidedLabel, button, icon_button, label

SHOWN = 8


class Welcome(QWidget):
    """Recent projects, a folder of one's own, or the sample project."""

    chosen = Signal(str)  #: a folder or file to open
    browse = Signal()
    browse_file = Signal()
    remote = Signal()  #: a project on another machine is to be opened

    def __init__(self) -> None:
        super().__init__()
        title = label("Open a project of Hydra configs")
        title.setMinimumHeight(36)
        title.setStyleSheet(f"font-size: {style.points(22.0):.2f}pt; font-weight: 600;")
        text = label(
            "See which groups and options there are, choose, run, and watch the metrics arrive.\n"
            "Drop a folder, a YAML file or a script here, or open one.",
            "muted",
        )
        self.open_button = button(
            "Open folder…", "Open a folder with configs (Ctrl+O)", icon="folder-open", role="primary", token="on_accent"
        )
        self.remote_button = button(
            "Open on another machine…", "Open a project where the GPUs are, by ssh", icon="host"
        )
        self.sample_button = button("Open the sample project", "Train on printed or handwritten digits", icon="sample")
        self.sample_button.setVisible(sample_project() is not None)
        self.file_button = button(
            "Open file…", "Open a config, or a script with @hydra.main (Ctrl+Shift+O)", icon="file"
        )
        self.open_button.clicked.connect(self.browse)
        self.file_button.clicked.connect(self.browse_file)
        self.remote_button.clicked.connect(self.remote)
        self.sample_button.clicked.connect(lambda: self.chosen.emit(str(sample_project())))
        actions = QHBoxLayout()
        actions.setSpacing(8)
        actions.addWidget(self.open_button)
        actions.addWidget(self.file_button)
        actions.addWidget(self.remote_button)
        actions.addWidget(self.sample_button)
        actions.addStretch(1)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column = QWidget()
        column.setFixedWidth(712)
        inside = QVBoxLayout(column)
        inside.setSpacing(12)
        inside.addWidget(title)
        inside.addWidget(text)
        inside.addSpacing(4)
        inside.addLayout(actions)
        inside.addSpacing(20)
        inside.addLayout(self._recent)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(column, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """The first thing to do has the focus."""
        super().showEvent(event)
        self.open_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Lists the recent projects anew."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        addresses = state.recent_projects()[:SHOWN]
        if addresses:
            self._recent.addWidget(label("RECENT", "title"))
            self._recent.addSpacing(6)
        for address in addresses:
            self._recent.addWidget(self._row(address))

    def _row(self, address: Address) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        root, host = address.path, address.host
        there = not host.here or Path(root).is_dir()
        name = QPushButton(pure(root).name or root)
        name.setProperty("role", "link")
        name.setIconSize(QSize(14, 14))
        tint(name, "folder" if host.here else "host", "muted")
        name.setToolTip(f"Open {address}")
        name.setEnabled(there)
        name.clicked.connect(lambda: self.chosen.emit(str(address)))
        shown = root if host.here else f"{host.label}  {root}"
        path = ElidedLabel(shown if there else f"{root} (no longer there)", Qt.TextElideMode.ElideMiddle)
        path.setProperty("role", "muted")
        forget = icon_button("close", f"Forget {address}")
        forget.clicked.connect(lambda: self._forget(address))
        layout.addWidget(name)
        layout.addWidget(path, 1)
        layout.addWidget(forget)
        return row

    def _forget(self, address: Address) -> None:
        state.forget_project(address)
        self.refresh()
