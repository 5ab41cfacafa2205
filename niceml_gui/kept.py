"""The unsaved edits of the open project: written with every edit, so that no crash loses one."""

from __future__ import annotations

from collections.abc import Callable

from niceml_engine.values import Selection
from niceml_gui import state
from niceml_gui.address import Address


class Kept:
    """What is not saved in the project, on this machine, whatever becomes of the service and the connection to it.

    Args:
        complain: Told in one line, with details, when it cannot be written.
    """

    def __init__(self, complain: Callable[[str, str], object]) -> None:
        self.drafts = state.Drafts()
        self._complain = complain
        self._key = ""

    def turn_to(self, address: Address | None) -> None:
        """Reads what is kept of a project; `None`: no project is open."""
        self._key = address.key if address is not None else ""
        self.drafts = state.load_drafts(self._key) if address is not None else state.Drafts()

    def keep(self, selection: Selection) -> None:
        """Keeps the overrides of a job."""
        self._change(lambda drafts: drafts.keep(selection))

    def keep_text(self, file: str, draft: state.TextDraft | None) -> None:
        """Keeps the unsaved text of a file; `None`: it is saved, or given up."""
        if draft != self.drafts.texts.get(file):
            self._change(lambda drafts: drafts.keep_text(file, draft))

    def _change(self, change: Callable[[state.Drafts], state.Drafts]) -> None:
        self.drafts = change(self.drafts)
        if not self._key:
            return
        try:
            state.change_drafts(self._key, change)
        except OSError as error:
            self._complain(f"Unsaved edits cannot be kept in {state.state_dir()}: {error.strerror}", str(error))
