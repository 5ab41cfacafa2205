"""What is read of a run only while somebody looks: the config that it was started with, and what its worker prints."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from niceml_engine.protocol.runs import Output, ReadRunConfig, RunConfig, RunOutput
from niceml_engine.values import ENDED, ErrorInfo
from niceml_gui.session import Session
from niceml_gui.workspaces.runs.config_pane import ConfigPane
from niceml_gui.workspaces.runs.journal import OutputPane


class Reading(QObject):
    """Reads config and output of the selected run into their panes, as long as these are in view.

    Args:
        session: Its runs, and whom to ask.
        config: Shows the config.
        output: Shows the output.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, config: ConfigPane, output: OutputPane, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._config = config
        self._output = output
        self._configs: dict[str, RunConfig] = {}
        self._reading = False
        config.wanted.connect(self._read_config)
        output.wanted.connect(self.read_output)

    def select(self) -> None:
        """Another run is selected."""
        self._output.forget()
        if self._output.isVisible():
            self.read_output()
        self._read_config()

    def read_output(self) -> None:
        """Reads what was printed since."""
        run = self._session.runs.current
        if not run or self._reading or self._session.connection.away:
            return
        self._reading = True

        def show(output: Output) -> None:
            self._reading = False
            more = run != self._session.runs.current  # another run was chosen meanwhile
            if not more:
                state = self._session.runs.states.get(run)
                more = self._output.take(output, ended=state is not None and state.status in ENDED)
            if more and self._output.isVisible():
                self.read_output()

        def failed(error: ErrorInfo) -> None:
            self._reading = False
            self._session.runs.complain_of(run, error)

        stdout, stderr = self._output.known
        self._session.engine.ask(RunOutput(run, stdout, stderr), show, failed)

    def _read_config(self) -> None:
        run = self._session.runs.current
        if not self._config.isVisible() or not run or run in self._configs or self._session.connection.away:
            self._show_config()
            return

        def show(config: RunConfig) -> None:
            self._configs[run] = config
            self._show_config()

        self._session.engine.ask(ReadRunConfig(run), show, partial(self._session.runs.complain_of, run))

    def _show_config(self) -> None:
        self._config.show_config(self._configs.get(self._session.runs.current))
