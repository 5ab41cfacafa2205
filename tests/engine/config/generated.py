"""Strategies that make trees of configs and overrides for them: mostly sensible, sometimes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

GROUPS = ("db", "db/engine", "srv", "srv/x/y", "mix")
OPTIONS = ("a", "b", "a_b")
KEYS = ("k", "l", "m.n", "m.o", "db.k", "db.engine.k", "p.k", "srv", "new.a")
VALUES = ("1", "x", "null", "[1, 2]", "{a: 1}", "{}", "[]", "true", "1.5", "'a b'", '"${k}"', "???", "1e-3", "${.k}")
PACKAGES = ("", "", "", "@p", "@p.q", "@_global_", "@_here_", "@_group_", "@_name_", "@_global_.r", "@db")
HEADERS = ("", "", "", "# @package _global_\n", "# @package p\n", "# @package _group_.s\n", "# words\n# @package p\n")


@dataclass(frozen=True)
class Tree:
    """Files by path, the first being the primary, and overrides that may fit them."""

    files: dict[str, str]
    overrides: tuple[str, ...]

    def __repr__(self) -> str:
        shown = "\n".join(f"--- {name}\n{text}" for name, text in self.files.items())
        return f"{self.overrides}\n{shown}"


_options = st.one_of(
    st.sampled_from(OPTIONS),
    st.sampled_from(OPTIONS),
    st.sampled_from(["null", "???", "gone", "[]", "[a]", "[a, b]", "[b, gone]", "${db}", "${db}_${srv}", "a.yaml"]),
)
_groups = st.builds("{}{}{}".format, st.sampled_from(["", "", "/"]), st.sampled_from(GROUPS), st.sampled_from(PACKAGES))
_choices = st.builds("{}{}: {}".format, st.sampled_from(["", "", "", "", "optional ", "override "]), _groups, _options)
_items = st.builds(
    "{}{}/{}{}".format,
    st.sampled_from(["", "/", "optional "]),
    st.sampled_from(GROUPS),
    st.sampled_from(OPTIONS),
    st.sampled_from(PACKAGES),
)
_entries = st.one_of(_choices, _choices, _choices, st.just("_self_"), _items, st.just("override hydra/output: default"))
_values = st.sampled_from(VALUES)


@st.composite
def _bodies(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(["k", "l", "m", "db", "srv", "engine", "p"]), unique=True, max_size=4))
    lines = []
    for name in names:
        below = draw(
            st.one_of(_values, st.builds("{{n: {}, o: {}}}".format, _values.filter(_plain), _values.filter(_plain)))
        )
        lines.append(f"{name}: {below}\n")
    return "".join(lines)


def _plain(value: str) -> bool:
    return not value.startswith("${")


@st.composite
def _configs(draw: st.DrawFn, entries: st.SearchStrategy[str], most: int) -> str:
    listed = draw(st.lists(entries, max_size=most, unique=True))
    head, body = draw(st.sampled_from(HEADERS)), draw(_bodies())
    defaults = "".join(["defaults:\n", *(f"  - {entry}\n" for entry in listed)]) if listed else ""
    return head + defaults + body


def _overrides() -> st.SearchStrategy[str]:
    signs = st.sampled_from(["", "", "+", "++"])
    packages = st.sampled_from(["", "", "", "@p", "@db", "@_global_", "@p:q", "@:q", "@db:p"])
    options = st.sampled_from([*OPTIONS, "null", "gone", "[a,b]", "[]", "???", "${db}"])
    groups = st.sampled_from(GROUPS)
    return st.one_of(
        st.builds("{}{}{}={}".format, signs, groups, packages, options),
        st.builds("{}{}={}".format, signs, st.sampled_from(KEYS), _values.map(lambda value: value.replace(", ", ","))),
        st.builds("~{}{}".format, st.one_of(groups, st.sampled_from(KEYS)), packages),
        st.builds("~{}={}".format, st.one_of(groups, st.sampled_from(KEYS)), st.sampled_from([*OPTIONS, "1", "null"])),
        st.sampled_from(["hydra.job.name=n", "hydra/output=default", "~hydra/output", "hydra.verbose=true"]),
    )


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A primary, two or three options for each group, and up to three overrides."""
    files = {"conf/job.yaml": draw(_configs(_entries, 6))}
    beside = st.one_of(  # what an option includes; with entries of all kinds most trees would be circles
        st.just("_self_"),
        st.builds("engine{}: {}".format, st.sampled_from(PACKAGES), _options),
        st.builds("x/y{}: {}".format, st.sampled_from(PACKAGES), _options),
        st.builds("override /{}: {}".format, st.sampled_from(GROUPS), _options),
        st.builds("/mix{}: {}".format, st.sampled_from(PACKAGES), _options),
        _entries,
    )
    for group in GROUPS:
        for option in OPTIONS[: draw(st.integers(2, 3))]:
            leaf = group in ("db/engine", "srv/x/y", "mix")
            files[f"conf/{group}/{option}.yaml"] = draw(_configs(beside, 0 if leaf else 2))
    return Tree(files, tuple(draw(st.lists(_overrides(), max_size=3))))
