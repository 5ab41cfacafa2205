"""Fields of the Environment pane: settings of the project, and variables that `.env` sets or could set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from niceml_engine.protocol.project import Variable
from niceml_engine.values import ProjectSetting
from niceml_gui.prose import prose
from niceml_gui.widgets.basics import ElidedEdit, icon_button, label, set_role


class ValueEdit(QWidget):
    """A field for one value; Enter writes it into its file, Esc takes back what was typed.

    Args:
        name: What it is called.
        text: What the file says.
        hint: Shown where the file says nothing.
        tip: What it is for, and where it is written.
        written: Whether it stands in the file, so that it can be taken out.
        reset_tip: What taking it out does.
    """

    committed = Signal(str)
    dropped = Signal()
    grown = Signal()  #: it needs more or less room than before

    def __init__(self, name: str, text: str, hint: str, tip: str, *, written: bool, reset_tip: str) -> None:
        super().__init__()
        self._text, self._written = text, written
        self.edit = ElidedEdit(text)
        self.edit.home(False)
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(tip)
        set_role(self.edit, "mono")
        self.edit.returnPressed.connect(self._commit)
        self.reset = icon_button("reset", f"Reset {name}", tip=reset_tip)
        self.reset.clicked.connect(self.dropped)
        # The room stays, so that all fields end at the same place.
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(written)
        set_role(self.edit, "true" if written else "false", "changed")
        self.wrong = label("", "error")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        self.edit.textEdited.connect(lambda: self.refuse(""))
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.edit, 1)
        line.addWidget(self.reset)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 1, 4, 1)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.wrong)

    def refuse(self, why: str) -> None:
        """Says below the field why what was typed is not written; with an empty text no more."""
        if why != self.wrong.text():
            self.wrong.setText(prose(why))
            self.wrong.setVisible(bool(why))
            set_role(self.edit, "true" if why else "false", "invalid")
            self.grown.emit()

    def height_in(self, width: int) -> int:
        """The height that it needs in a column of some width."""
        self._layout.activate()
        return self._layout.totalHeightForWidth(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was typed."""
        if event.key() == Qt.Key.Key_Escape and self.edit.text() != self._text:
            self.edit.setText(self._text)
            self.refuse("")
            return
        super().keyPressEvent(event)

    def _commit(self) -> None:
        text = self.edit.text()
        if text != self._text or (text and not self._written):
            self.committed.emit(text)


def setting_edit(
    setting: ProjectSetting, otherwise: str, change: Callable[[str, tuple[str, ...]], object]
) -> ValueEdit:
    """A field for a setting.

    Args:
        setting: The setting as it counts now.
        otherwise: What counts where it is empty.
        change: Takes its name and its texts; no texts: it is to be guessed.
    """
    text = ", ".join(setting.values)
    tips = (text or otherwise, setting.help, "Enter writes it into .niceml/project.yaml")
    made = ValueEdit(
        setting.name,
        text,
        otherwise or setting.why or "not set",
        "\n".join(filter(None, tips)),
        written=setting.source == "set",
        reset_tip="Take it out of the file, so that it is guessed",
    )
    made.committed.connect(
        lambda typed: change(setting.name, tuple(part.strip() for part in typed.split(",") if part.strip()))
    )
    made.dropped.connect(lambda: change(setting.name, ()))
    return made


def variable_edit(variable: Variable, otherwise: str, change: Callable[[str, str | None], object]) -> ValueEdit:
    """A field for a variable that the shell does not set.

    Args:
        variable: As it counts now.
        otherwise: What configs take where it is not set.
        change: Takes its name and its value; no value: it is taken out.
    """
    secret = variable.secret and variable.value is not None
    made = ValueEdit(
        variable.name,
        "" if secret else variable.value or "",
        "secret: never shown" if secret else otherwise or "not set",
        "Enter writes it into .env",
        written=variable.source == ".env",
        reset_tip="Take it out of .env",
    )
    made.committed.connect(lambda typed: change(variable.name, typed))
    made.dropped.connect(lambda: change(variable.name, None))
    return made
