"""Making the defaults list: Hydra's overrides, which every entry passes, with notes; and what else lists need."""

from __future__ import annotations

from hydra._internal import defaults_list as hydra_defaults
from hydra.core.default_element import DefaultsTreeNode, GroupDefault, InputDefault, VirtualRoot
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from niceml_engine.config.compose.reading import Pass
from niceml_engine.config.compose.refusal import CircleError
from niceml_engine.config.compose.world import running
from niceml_engine.config.composed import graph
from niceml_engine.config.composed.graph import Names, Overriding
from niceml_engine.config.text.limits import MAX_INCLUDES
from niceml_engine.errors import ConfigError

MAX_CHAIN = 50
"""Levels of includes inside includes; deeper ones go round in a circle."""


class Overrides(hydra_defaults.Overrides):
    """Hydra's overrides, which every entry of the defaults lists passes: notes them, and stops circles."""

    def __init__(self, repo: Pass, overrides_list: list[Override]) -> None:
        super().__init__(repo, overrides_list)
        self.asked: list[GroupDefault] = []
        self.overriding: dict[str, GroupDefault] = {}
        self._tolerant = repo.tolerant
        self._repo = repo
        self._visits: dict[str, int] = {}
        self._entries = 0

    def is_overridden(self, default: InputDefault) -> bool:
        """Notes an entry of a group, whose option Hydra looks up next."""
        if isinstance(default, GroupDefault):
            self.asked.append(default)
            self._look_into(default)
        return super().is_overridden(default)

    def _look_into(self, default: GroupDefault) -> None:
        """Notes a list that Hydra stops at for one of its items; a tolerant pass leaves such items out."""
        key = default.get_override_key()
        value = self.override_choices.get(key, default.value)
        named = [one for one in value if isinstance(one, str) and "${" not in one] if isinstance(value, list) else value
        if named == value:
            return
        if not self._tolerant:
            self._repo.progress.group = key
        elif key in self.override_choices:
            self.override_choices[key] = named
        else:
            default.value = named

    def add_override(self, parent_config_path: str, default: GroupDefault) -> None:
        """Notes an `override` entry that counts."""
        key = default.get_override_key()
        if key not in self.override_choices:
            self.overriding[key] = default
        super().add_override(parent_config_path, default)

    def set_known_choice(self, default: InputDefault) -> None:
        """Remembers what was chosen; a tolerant pass takes the first of two choices."""
        try:
            super().set_known_choice(default)
        except HydraException:
            if not self._tolerant:
                raise

    def is_deleted(self, default: InputDefault) -> bool:
        """Says so, too, of an entry that closes a circle.

        Raises:
            CircleError: It goes round, and this is no tolerant pass.
        """
        if not default.is_missing() and default.get_name() is not None:
            path = default.get_config_path()
            self._visits[path] = self._visits.get(path, 0) + 1
            self._entries += 1
            if self._entries > MAX_INCLUDES:
                if self._tolerant:
                    return True  # what is drawn so far is enough to mend it
                message = f"the job goes through more than {MAX_INCLUDES:,} entries of defaults lists; include less"
                raise ConfigError(message, file=self._repo.delegate.find(_chain()[-1]) or "")
            if self._tolerant and self._visits[path] > 1 and path in _chain()[:-1]:
                graph.close_circle(default)
                return True
            if self._visits[path] > MAX_CHAIN // 3 and len(_chain()) > MAX_CHAIN:
                raise CircleError(_chain())
        return super().is_deleted(default)

    def delete(self, default: InputDefault) -> None:
        """Marks an entry as deleted."""
        if graph.closes_circle(default):
            default.__dict__["deleted"] = True
        else:
            super().delete(default)


def valued_of(repo: Pass, parsed: list[Override]) -> list[Override]:
    """The overrides that set values; the others are choices."""
    return hydra_defaults.Overrides(repo, parsed).config_overrides


def groups_of(repo: Pass, parsed: list[Override]) -> tuple[str, ...]:
    """The texts of the overrides that are choices."""
    valued = valued_of(repo, parsed)
    return tuple(o.input_line or "" for o in parsed if not any(o is other for other in valued))


def overriding_of(overrides: Overrides, names: Names) -> dict[str, Overriding]:
    """The `override` entries that count, by the key that they override."""
    found = {}
    for key, default in overrides.overriding.items():
        entry = graph.entry_of(default)
        option = graph.stem(default.value) if isinstance(default.value, str) else ""
        found[key] = Overriding(names.file(entry.config_path), entry.line, option) if entry else Overriding()
    return found


def length_of_hydra_tree(root: DefaultsTreeNode) -> int:
    """How many of the defaults are Hydra's own: those below the first child of the virtual root."""
    return len(hydra_defaults._tree_to_list(DefaultsTreeNode(node=VirtualRoot(), children=(root.children or [])[:1])))


def _chain() -> list[str]:
    """The configs that Hydra is inside of, outermost first: seen on the stack, because it hands them to nobody."""
    nodes = [frame["root"].node for frame in running(hydra_defaults._create_defaults_tree_impl)]
    return [node.get_config_path() for node in reversed(nodes) if not node.is_virtual()]
