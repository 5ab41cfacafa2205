"""What the project's own code uses: modules that it imports, keys that it reads. Found in its text; nothing is run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from niceml_engine.config.code.own_code import defined, own_modules
from niceml_engine.config.code.own_resolvers import resolvers_in
from niceml_engine.config.projects.project import Setting
from niceml_engine.config.projects.pytext import source_text
from niceml_engine.config.projects.scripts import read_script
from niceml_engine.config.projects.stores import Unnamed
from niceml_engine.config.text.files import Signature, signature

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
_SET = re.compile(r"""(?:environ\[|environ\.setdefault\(|putenv\()\s*["'](\w+)["']""")
_ROOT_FINDERS = frozenset({"rootutils", "pyrootutils"})
_ROOT_VARIABLE = "PROJECT_ROOT"  #: what these set where they are told nothing else
_READ = re.compile(r"""["'](\w+)["']|\.(\w+)\b(?![ \t]*\()""")
#: A call that makes an object of a config, with what is passed besides: brackets in it, what goes by place, by name.
_INSTANTIATE = re.compile(r"\b(?:instantiate|utils\.call)\(((?:[^()]|\([^()]*\))*)\)")
#: An assignment to a part of something, such as `cfg.width = 3` or `cfg["width"] = 3`; and what stands before it.
_ASSIGNED = re.compile(r"""(\w*)(?:\.(\w+)|\[["'](\w+)["']\])[ \t]*=(?!=)""")
_UPDATED = re.compile(r"""\bOmegaConf\.update\([^,()]+,\s*["'](?:[\w.]*\.)?(\w+)["']""")
_OWN = ("self", "cls")
_NESTED = re.compile(r"\([^()]*\)|\[[^][]*\]")
_PLAIN = re.compile(r"\s*[^*\s=][^=]*")
_NAMED = re.compile(r"(?<![\w.])(\w+)[ \t]*=(?!=)")
_HOMES = 2  #: modules that define what a name may mean
_STATED = ("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "environment*.y*ml")


@dataclass(frozen=True)
class Uses:
    """What the code of a project uses; its modules are looked for once, so that one is for one check.

    Attributes:
        setting: The project.
    """

    setting: Setting

    def needs(self, module: str) -> bool:
        """Whether the project needs a module that may not be here: its code imports it, or it is stated."""
        if module in self._imported:
            return True
        name = re.escape(module.partition(".")[0]).replace("_", "[-_]")
        return re.search(rf"(?<![\w-]){name}(?![\w-])", self._stated, re.IGNORECASE) is not None

    def reads(self, key: str) -> bool:
        """Whether the code names a key, as a text or behind a dot, so that it may take it out of a config."""
        return key in self._keys

    def sets(self, variable: str) -> bool:
        """Whether the code names an environment variable to set it, so that it may be there when the project runs."""
        if variable == _ROOT_VARIABLE and _ROOT_FINDERS & self._imported:
            return True
        return any(variable in one.variables for one in self._files)

    def stores(self, config: str) -> Unnamed | None:
        """Where the code stores configs whose names only running it tells, if a config may be among them."""
        group = config.rpartition("/")[0]
        return next((one for one in self._unnamed if one.group in (None, group)), None)

    def registers(self, resolver: str) -> tuple[str, int]:
        """File and line at which the code registers a resolver; no file where it does not."""
        return self._resolvers.get(resolver, ("", 0))

    def defines(self, name: str) -> tuple[str, ...]:
        """Where the code defines a class or function of a name, dotted; the shortest first, at most a few."""
        made = ((module, defined(file)) for module, file in self.modules)
        homes = (module for module, one in made if name in one.functions or name in dict(one.classes))
        return tuple(f"{module}.{name}" for module in sorted(homes, key=lambda one: (len(one), one))[:_HOMES])

    def passes(self, argument: str, place: int) -> bool:
        """Whether the code passes an argument to what it instantiates, by name, or by its place behind the config."""
        return any(argument in one.passed or place < one.places for one in self._files)

    def gives(self, key: str) -> bool:
        """Whether the code sets a key of something to a value, or passes it to what it instantiates."""
        return any(key in one.passed or key in one.assigned for one in self._files)

    @cached_property
    def modules(self) -> tuple[tuple[str, str], ...]:
        """Name and file of the project's own modules."""
        return tuple(own_modules(self.setting))

    @cached_property
    def _unnamed(self) -> tuple[Unnamed, ...]:
        root = str(self.setting.root)
        return tuple(one for _, file in self.modules for one in read_script(file, root).unnamed)

    @cached_property
    def _resolvers(self) -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        for _, file in self.modules:
            for name, line in resolvers_in(file):
                found.setdefault(name, (file, line))
        return found

    @cached_property
    def _files(self) -> tuple[_Used, ...]:
        return tuple(_used(file) for _, file in self.modules)

    @cached_property
    def _imported(self) -> frozenset[str]:
        """The modules that are imported, and the packages that these lie in."""
        names = frozenset[str]().union(*(one.imported for one in self._files))
        above = {name[:at] for name in names for at, character in enumerate(name) if character == "."}
        return names | above

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset[str]().union(*(one.keys for one in self._files))

    @cached_property
    def _stated(self) -> str:
        files = (file for pattern in _STATED for file in sorted(self.setting.root.glob(pattern)))
        return "\n".join(map(_text, files))


@dataclass(frozen=True, slots=True)
class _Used:
    """What the text of one file uses.

    Attributes:
        imported: The modules that it imports.
        keys: What it names as a text, or behind a dot.
        variables: The environment variables that it sets.
        passed: By which names it passes arguments, besides configs, to what it instantiates.
        places: How many arguments it passes there by place, at most.
        assigned: The keys that it sets in something that is not its own.
    """

    imported: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    places: int = 0
    assigned: frozenset[str] = frozenset()


def _used(file: str) -> _Used:
    """What a file uses; asked again, it is only read if it has changed."""
    state = signature(file)
    return _read(file, state) if state is not None else _Used()


@lru_cache(maxsize=8192)
def _read(file: str, state: Signature) -> _Used:
    text = _text(Path(file))
    names, places = _passed(text)
    assigned = (dotted or quoted for owner, dotted, quoted in _ASSIGNED.findall(text) if owner not in _OWN)
    return _Used(
        frozenset(_IMPORT.findall(text)),
        frozenset(quoted or dotted for quoted, dotted in _READ.findall(text)),
        frozenset(_SET.findall(text)),
        names,
        places,
        frozenset((*assigned, *_UPDATED.findall(text))),
    )


def _passed(text: str) -> tuple[frozenset[str], int]:
    """By which names arguments are passed to what is instantiated, and at most so many by place."""
    names, places = set[str](), 0
    for arguments in _INSTANTIATE.findall(text):
        named = {match[1] for match in _NAMED.finditer(arguments)}
        plain = _NESTED.sub("x", arguments).split(",")
        names |= named
        places = max(places, sum(_PLAIN.fullmatch(one) is not None for one in plain) - 1)
    return frozenset(names), places


def _text(file: Path) -> str:
    try:
        return source_text(str(file), "replace")
    except OSError:
        return ""
