"""The strip above the charts: what holds for all of them."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QListView, QSizePolicy, QSlider, QWidget

from niceml_gui.widgets.basics import filter_edit, icon_button
from niceml_gui.workspaces.runs.charts.view import AXES, AXIS_TIPS, Settings

ROOM_TO_SEARCH = 560  #: pixels of the strip from which on there is a search field,
ROOM_TO_SLIDE = 460  #: the slider of the smoothing has its whole length,
ROOM_TO_SMOOTH = 412  #: and there is one: the menu has that, too
SLIDERS = 40, 76  #: pixels: a short slider, and a whole one
SPACINGS = 8, 10  #: pixels beside each of the parts, likewise
SMOOTHING = (
    "Weight of the moving average: {weight}; 0 shows the values as they are.\n"
    "They stand faintly behind it, in charts of up to 12 curves.\n"
    "Epochs are not averaged unless you change it where there are no batches, or by the menu."
)
FEW = 4  #: so few charts need no search


class Controls(QWidget):
    """Search, smoothing, x axis, logarithm, following, and a menu for the rest."""

    changed = Signal()  #: of the settings
    searched = Signal()
    followed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = Settings()
        self._many = False
        self._finding = False
        self.search = filter_edit("Find charts", "Find charts by name")
        self.search.setMaximumWidth(170)
        self.search.hide()
        self.search.installEventFilter(self)
        self.smooth = QSlider(Qt.Orientation.Horizontal)
        self.smooth.setRange(0, 99)
        self.smooth.setAccessibleName("Smoothing")
        self.smooth_label = QLabel()
        self.smooth_label.setProperty("role", "muted")
        self.smooth_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("smooth 0.99 "))
        self.axis = QComboBox()
        for place, name in enumerate(AXES):
            self.axis.addItem(f"x: {name}", name)
            self.axis.setItemData(place, AXIS_TIPS[name], Qt.ItemDataRole.ToolTipRole)
        self.axis.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.axis.setAccessibleName("Horizontal axis")
        self.axis.setToolTip("What the charts are drawn over")
        self.log = QCheckBox("log")
        self.log.setToolTip("Logarithmic vertical axis in all charts")
        self.follow = QCheckBox("follow")
        self.follow.setChecked(True)
        self.follow.setToolTip(
            "Show the whole run as it grows; zooming switches this off, a double click on again.\n"
            "Drag over a chart to zoom, with Shift to move; Ctrl and the wheel zoom too.\n"
            "Keys: + and − zoom, arrows move, with Shift the crosshair, Home shows everything."
        )
        self.more = icon_button("more", "Menu of all charts", tip="Change or export all charts")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.addWidget(self.search, 1)
        layout.addStretch(1)
        for widget in (self.smooth_label, self.smooth, self.axis, self.log, self.follow, self.more):
            layout.addWidget(widget)
        self.show_settings(self._settings)
        self.smooth.valueChanged.connect(self._tell)
        self.axis.currentIndexChanged.connect(self._tell)
        self.log.toggled.connect(self._tell)
        self.follow.toggled.connect(self.followed)
        self.search.textChanged.connect(self.searched)
        self.search.textChanged.connect(self._offer_search)

    @property
    def settings(self) -> Settings:
        """What holds for all charts."""
        return self._settings

    def show_settings(self, settings: Settings) -> None:
        """Shows other settings; nobody is told."""
        self._settings = settings
        widgets = (self.smooth, self.axis, self.log)
        for widget in widgets:
            widget.blockSignals(True)
        self.smooth.setValue(round(settings.smoothing * 100))
        self.axis.setCurrentIndex(AXES.index(settings.axis))
        self.log.setChecked(settings.log_y)
        for widget in widgets:
            widget.blockSignals(False)
        self._tell_weight()

    def change(self, **changed: object) -> None:
        """Changes settings that have no place in the strip."""
        self.show_settings(msgspec.structs.replace(self._settings, **changed))
        self.changed.emit()

    def set_unit(self, unit: str) -> None:
        """Calls steps what they are: where only epochs are counted, there is one axis of them."""
        place, other = AXES.index("step"), AXES.index("epoch")
        if self.axis.itemText(place) == f"x: {unit}":
            return
        self.axis.setItemText(place, f"x: {unit}")
        self.axis.setItemData(place, AXIS_TIPS["epoch" if unit == "epoch" else "step"], Qt.ItemDataRole.ToolTipRole)
        listed = self.axis.view()
        if isinstance(listed, QListView):
            listed.setRowHidden(other, unit == "epoch")

    def set_many(self, many: bool) -> None:
        """Offers to search, where there is a lot to search in."""
        self._many = many
        self._offer_search()

    def open_search(self) -> None:
        """Offers to search, however little room there is."""
        self._finding = True
        self._offer_search()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the search away when a person is done with it; Escape takes back what is searched for, too."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # else it would mean something to the window
            elif event.type() == QEvent.Type.KeyPress:
                self._finding = False
                self.search.clear()
                self._offer_search()
            return True
        if watched is self.search and event.type() == QEvent.Type.FocusOut:
            self._finding = False
            self._offer_search()
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """Without what gives way."""
        spared = sum(part.minimumSizeHint().width() + SPACINGS[0] for part in (self.smooth_label, self.smooth))
        return QSize(ROOM_TO_SMOOTH - spared, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offers to search where there is room."""
        super().resizeEvent(event)
        self._offer_search()

    def _offer_search(self) -> None:
        wide = self.width() >= ROOM_TO_SEARCH
        searched = bool(self.search.text()) or self._finding
        self.search.setVisible(searched or (self._many and wide))
        for part in (self.smooth_label, self.smooth):  # a slider without a name says nothing
            part.setVisible(wide or (not searched and self.width() >= ROOM_TO_SMOOTH))
        whole = self.width() >= ROOM_TO_SLIDE
        self.smooth.setFixedWidth(SLIDERS[whole])
        if (layout := self.layout()) is not None:
            layout.setSpacing(SPACINGS[whole])

    def _tell(self) -> None:
        self._settings = msgspec.structs.replace(
            self._settings,
            smoothing=self.smooth.value() / 100,
            axis=AXES[self.axis.currentIndex()],
            log_y=self.log.isChecked(),
        )
        self._tell_weight()
        self.changed.emit()

    def _tell_weight(self) -> None:
        weight = f"{self._settings.smoothing:.2f}"
        self.smooth_label.setText(f"smooth {weight}")
        self.smooth.setToolTip(SMOOTHING.format(weight=weight))
