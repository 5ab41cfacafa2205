"""A dialog that shows what a plan does to files while it is filled in, and writes it."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtWidgets import QVBoxLayout, QWidget

from niceml_engine.protocol.files import Effect, FilePlan, FileRequest
from niceml_engine.values import ErrorInfo
from niceml_gui.names import Names
from niceml_gui.session import Session
from niceml_gui.widgets.basics import button, label, set_role
from niceml_gui.widgets.dialog import Dialog, fit
from niceml_gui.widgets.preview import TextPreview
from niceml_gui.widgets.usage_links import UsageLinks

_LINES = 6  #: of what else a plan does; the tooltip holds the rest


class PlanDialog(Dialog):
    """Asks for a plan whenever a field changes, and shows its changes and what else they do.

    Args:
        session: What the window works on.
        title: What the dialog is called.
        action: What the button says that writes.
        parent: The window over which it lies.
        dangerous: Whether it destroys something.
    """

    def __init__(self, session: Session, title: str, action: str, parent: QWidget, *, dangerous: bool = False) -> None:
        super().__init__(session, title, parent)
        self.resize(720, 320)
        self.plan: FilePlan | None = None
        self.fields = QVBoxLayout()
        self.fields.setSpacing(8)
        self.preview = TextPreview("What changes in the files")
        self.usages = UsageLinks("STILL NAMED BY")
        self.usages.opened.connect(self._look)
        self.told = label("", "warning", selectable=True)
        self.told.setWordWrap(True)
        self.apply = button(action, "Write the files (Enter)", role="danger" if dangerous else "primary")
        self.apply.setDefault(True)
        self.apply.setEnabled(False)
        self.apply.clicked.connect(self._write)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(self.fields)
        self._title = label("WHAT CHANGES", "title")
        layout.addWidget(self._title)
        self._consequences = label("WHAT COMES OF IT", "title")
        layout.addWidget(self.preview, 1)
        layout.addWidget(self.usages)
        layout.addWidget(self._consequences)
        layout.addWidget(self.told)
        layout.addLayout(self.foot(self.apply))
        self._show_changes()
        self.later.timeout.connect(self._ask)

    @abstractmethod
    def request(self) -> FileRequest | str:
        """The plan to ask for; a text says what must be filled in first."""

    def change(self) -> None:
        """Asks anew, as soon as the person pauses."""
        self.plan = None
        self.session.engine.forget(self.asked)
        self.apply.setEnabled(False)
        self.preview.set_stale(True)
        self.say("Working out what changes…")
        self.later.start()

    def fits(self, plan: FilePlan) -> bool:
        """Whether a plan may be written."""
        return any(change.before != change.after for change in plan.changes)

    def note_of(self, plan: FilePlan) -> str:
        """What is said of a plan that may be written."""
        if plan.effects or plan.usages or plan.unchecked:
            return "Ctrl+Z takes it back."
        return f"{self.unmoved(plan)} composes to anything else. Ctrl+Z takes it back."

    def unmoved(self, plan: FilePlan) -> str:
        """Of which jobs it is said that nothing changes."""
        return "No job"

    def _ask(self) -> None:
        request = self.request()
        if isinstance(request, str):
            self._show_changes()
            self.say(request, "warning")
            return
        self.asked = self.session.engine.ask(request, self.show_plan, self.failed)

    def failed(self, error: ErrorInfo) -> None:
        """Says what the service refused, all of it; nothing can be written then."""
        self.say("")
        self._show_changes(refused=error.message)

    def show_plan(self, plan: FilePlan) -> None:
        """Shows what a plan does."""
        self.plan = plan
        self._show_changes(plan)
        self.apply.setEnabled(self.fits(plan))
        self.say(self.note_of(plan))

    def _show_changes(self, plan: FilePlan | None = None, refused: str = "") -> None:
        """Shows what a plan changes, or without one no more than the fields, each in the height that it needs."""
        root = self.session.project.root if self.session.project is not None else ""
        lines = consequences(plan, self.session.names) if plan is not None else [refused] if refused else []
        set_role(self.told, "error" if refused else "warning")
        more = [f"and {len(lines) - _LINES} more"] if len(lines) > _LINES else []
        self.told.setText("\n\n".join([*lines[:_LINES], *more]))
        self.told.setToolTip("\n".join(lines) if more else "")
        self.told.setVisible(bool(lines))
        self._consequences.setVisible(bool(lines) and not refused)
        self.usages.show_usages(plan.usages if plan is not None else (), self.session.names)
        for widget in (self._title, self.preview):
            widget.setVisible(plan is not None)
        if plan is None:
            self.preview.show_nothing()
        else:
            self.preview.show_changes(plan.changes, root)
        fit(self)

    def _look(self, file: str, line: int) -> None:
        """Opens an entry; nothing is written."""
        self.reject()
        self.session.open_source(file, line)

    def _write(self) -> None:
        if self.plan is not None:
            self.session.write(self.plan)
            self.accept()


def consequences(plan: FilePlan, names: Names) -> list[str]:
    """What a plan does besides what it is for, a line each."""
    lines = [_effect(effect, plan, names) for effect in plan.effects]
    lines += [
        f"{names.short(job)} could not be checked: it does not compose, or takes too long" for job in plan.unchecked
    ]
    return lines


def _effect(effect: Effect, plan: FilePlan, names: Names) -> str:
    own = effect.selection == plan.selection
    name = "this job" if own else names.short(effect.selection.job)
    if effect.error:
        return f"In {name}, nothing composes any more: {effect.error}"
    count = len(effect.keys)
    shown = ", ".join(effect.keys[:3]) + (" …" if count > 3 else "")
    return f"In {name}, {count} other value{'s' if count > 1 else ''} change{'' if count > 1 else 's'}: {shown}"
