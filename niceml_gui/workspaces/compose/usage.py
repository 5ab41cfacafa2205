"""What a composed config says about its parts: which op they belong to, how often they are used, who set them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from niceml_engine.values import Choice, Composed, ConfigTree, Edge, Head, Leaf, Option, Origin
from niceml_gui.names import Names
from niceml_gui.overrides import option_text
from niceml_gui.paths import pure
from niceml_gui.workspaces.compose.brief import brief

Places = list[tuple[Choice, str]]  #: choices, each with the name that stands for an option there
TIMES = "\N{MULTIPLICATION SIGN}"
_GROUP = re.compile(r"[A-Za-z_][\w-]*(/[A-Za-z_][\w-]*)*", re.ASCII)  #: one that Hydra's grammar can write
OVER = " \N{LONG LEFTWARDS ARROW} "


def op_of(path: str) -> str:
    """The op to which a node id (`ops/train/x`) or a key (`ops.train.config`) belongs; empty: shared between ops."""
    parts = path.replace(".", "/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "ops" else ""


def resolved_by(leaf: Leaf) -> str:
    """How the resolved value of a leaf is announced."""
    return "resolved by code of the project" if leaf.own else "resolved"


def short(node: str) -> str:
    """The last part of a config path."""
    return node.rsplit("/", 1)[-1]


def last_good(before: Composed | None, now: Composed) -> Composed | None:
    """The last config of the job that composed: the newest, or the one before it; nothing if none did."""
    if now.error is None and now.digest:
        return now
    return before if before is not None and before.selection.job == now.selection.job else None


def known_choices(good: Composed | None, now: Composed) -> tuple[Choice, ...]:
    """The choices of a config; where it was refused, those of the last good one too, so that it can be mended.

    Of these only what the newer ones leave: a group is chosen from once at a package, and what another option takes
    the place of has no choices any more.
    """
    known = good.choices if good is not None else ()
    found = {(choice.group, choice.package): choice for choice in (*known, *now.choices)}
    gone = _chosen(known) - _chosen(found.values())
    while any(choice.node in gone for choice in found.values()):
        left = {place: choice for place, choice in found.items() if choice.node not in gone}
        gone |= _chosen(found.values()) - _chosen(left.values())
        found = left
    return tuple(found.values())


def _chosen(choices: Iterable[Choice]) -> set[str]:
    """The nodes that are chosen."""
    return {f"{choice.group}/{name}" if choice.group else name for choice in choices for name in choice.chosen}


def times_used(composed: Composed) -> Counter[str]:
    """How often each node is included; the job itself counts once, and so does what a refused config had chosen."""
    used = Counter(edge.target for edge in composed.edges)
    ids = [*(node.id for node in composed.nodes), *_chosen(composed.hydra)]
    if composed.error is not None:
        ids += _chosen(composed.choices)
    for node in ids:
        used[node] = max(used[node], 1)
    return used


def packages_of(composed: Composed, node: str) -> list[str]:
    """The packages at which a node is included, in order, each once."""
    group, _, name = node.rpartition("/")
    packages = [edge.package for edge in composed.edges if edge.target == node]
    packages += [choice.package for choice in composed.hydra if choice.group == group and name in choice.chosen]
    return list(dict.fromkeys(packages))


def hydras_choices(composed: Composed, tree: ConfigTree) -> tuple[Choice, ...]:
    """What can be chosen of Hydra's own groups: those of Hydra, of its plugins, and of the project."""
    options: dict[str, list[str]] = {}
    for option in (*tree.hydra, *tree.options):
        options.setdefault(option.group, []).append(option.name)
    return tuple(
        msgspec.structs.replace(choice, options=tuple(options.get(choice.group, ()))) for choice in composed.hydra
    )


def places_for(option: Option, choices: Iterable[Choice]) -> Places:
    """The choices that an option can be switched to, each with the name that stands for it there.

    A name is relative to the choice's group, so `train/big` may be an option of the group `ops`.
    """
    found = []
    for choice in choices:
        prefix = f"{choice.group}/" if choice.group else ""
        name = option.id.removeprefix(prefix)
        if choice.key and option.id.startswith(prefix) and name in choice.options:
            found.append((choice, name))
    return found


def places_above(option: Option, choices: Iterable[Choice]) -> Places:
    """The choices from the nearest group above an option that can be switched to it by its way from there.

    Hydra takes `solver=music/base` as it takes `+solver/music=base`; which is meant, only the configs' author knows.
    """
    found = [one for one in choices if one.key and one.group and option.group.startswith(f"{one.group}/")]
    nearest = max((one.group for one in found), key=len, default="")
    names = [(one, option.id.removeprefix(f"{nearest}/")) for one in found if one.group == nearest and not one.is_list]
    return [(choice, name) for choice, name in names if name not in choice.options]


def ways_for(option: Option, near: Collection[Choice], composed: Composed) -> tuple[Places, str]:
    """How an option gets into a job: the places where it can be chosen, and the override `+group=option` that adds it.

    Nothing adds an option for which the job has a place, near or not, nor one that no override can name.

    Args:
        option: The option.
        near: The choices that are looked at, such as those of a card.
        composed: The config of the job.
    """
    places = places_for(option, near)
    if places or places_for(option, composed.choices):
        return places, ""
    return places_above(option, near), "" if option.provider else _added(option, composed.bases)


def ways_to_give(key: str, tree: ConfigTree, composed: Composed) -> Iterator[str]:
    """The overrides that add an option of the group that is called like a key, or of a group below it.

    None where a defaults list chooses from that group for that key already, and what it chooses leaves the value open.
    """
    group = key.replace(".", "/")
    if not _GROUP.fullmatch(group) or any(choice.key.lstrip("+") == group for choice in composed.choices):
        return
    inside = tuple(f"{base}{group}/" for base in composed.bases)
    held = (_added(option, composed.bases) for option in tree.options if option.file.startswith(inside))
    yield from dict.fromkeys(filter(None, held))


def _added(option: Option, bases: Iterable[str]) -> str:
    """The override that adds an option; empty where Hydra's grammar cannot write it, or looks elsewhere."""
    base = next((one for one in bases if option.file.startswith(one)), "")
    group, _, name = option.file.removeprefix(base).removesuffix(".yaml").rpartition("/")
    written = base and option.file.endswith(".yaml") and _GROUP.fullmatch(group)
    return f"+{group}={option_text(name)}" if written else ""


def place(origin: Origin, names: Names) -> str:
    """An origin in a few letters: `trainparams_default:2`, `app.py:14`, or `override`."""
    return names.place(origin.file, origin.line) if origin.file else "override"


def gutter(origins: Sequence[Origin], names: Names) -> str:
    """Who set a value last, of those that did in merge order, and whom that overrode: `override ⟵ default:2`."""
    return OVER.join(place(origin, names) for origin in (origins[-1], *origins[:-1][-1:]))


def head_label(head: Head, names: Names) -> str:
    """Who made a mapping last, and in how many places it is made, too: `train:4 +2`."""
    return place(head.origin, names) + (f" +{head.others}" if head.others else "")


def made_by(head: Head) -> str:
    """Everyone who made a mapping, the last first, one a line."""
    more = [f"and {head.more} more"] if head.more else []
    places = [describe(origin) for origin in reversed(head.origins)]
    return "\n".join([f"a mapping, from {places[0]}", *(f"and {one}" for one in places[1:]), *more])


def chain(leaf: Leaf) -> str:
    """Everyone who set a leaf, the winner first, one a line."""
    origins = [leaf.origin, *reversed(leaf.shadows)]
    return "\n".join(f"{'' if not index else 'over '}{describe(origin)}" for index, origin in enumerate(origins))


def describe(origin: Origin) -> str:
    """An origin in full: its place, package and text."""
    where = f"{origin.node}:{origin.line}" if origin.file else f"override {origin.line or ''}".strip()
    package = f" at {origin.package}" if origin.file and origin.package else ""
    return f"{where}{package}{f' = {brief(origin.text)}' if origin.text else ''}"


def file_of(leaf: Leaf) -> Origin | None:
    """The origin to open in an editor: the last file that set the leaf."""
    return next((origin for origin in (leaf.origin, *reversed(leaf.shadows)) if origin.file), None)


def path_to(edges: Iterable[Edge], root: str, node: str) -> list[str]:
    """The nodes on the shortest way from the root to a node, both included; empty if there is none."""
    children: dict[str, list[str]] = {}
    for edge in edges:
        children.setdefault(edge.source, []).append(edge.target)
    came: dict[str, str] = {root: ""}
    queue = [root]
    for current in queue:
        for child in children.get(current, ()):
            if child not in came:
                came[child] = current
                queue.append(child)
    way = []
    while node in came:
        way.append(node)
        node = came[node]
    return way[::-1]


def root_of(composed: Composed) -> str:
    """The node of the job itself."""
    targets = {edge.target for edge in composed.edges}
    file = composed.selection.job
    exact = next((node.id for node in composed.nodes if file and pure(node.file) == pure(file)), "")
    return exact or next((node.id for node in composed.nodes if node.id not in targets), "")


def key_at(lines: tuple[str, ...], line: int) -> str:
    """The key to which a line (from 0) of the composed text belongs; lines inside lists belong to the list."""
    while 0 <= line < len(lines):
        if lines[line]:
            return lines[line]
        line -= 1
    return ""


def option_count(tree: ConfigTree) -> int:
    """How many options the groups offer, jobs left out."""
    jobs = {job.id for job in tree.jobs}
    return sum(option.id not in jobs for option in tree.options)
