"""One document over another, by path, and the copies that `like` asks for.

Both follow the tree of the scenario classes, which says where a mapping is a part of the world (merged key by key)
and where it is a value with its evidence (replaced as one, unless it brings no value of its own).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ipsc_race.tree import Part, did_you_mean, within
from ipsc_race.yaml_reading import Node, Problem, ScenarioError, note, problem

MAX_CHAIN = 20  # copies of copies
MAX_COPIED = 100_000  # values gone through for the copies of a document; for the baseline six thousand


def merge(part: Part, old: Node, new: Node) -> Node:
    """The document `new` over the inherited `old`.

    A bare value replaces the inherited one with its evidence and its dated changes; a mapping without `value` adds to
    them; `like` replaces all that was inherited; `name: null` removes a row of a table.
    """
    if not isinstance(new.value, dict) or "like" in new.value:
        return new
    if part.is_leaf and "value" in new.value:
        return new
    if not isinstance(old.value, dict):
        if not part.is_leaf or isinstance(old.value, list):
            return new
        old = Node({"value": old}, old.place, old.key)
    assert isinstance(old.value, dict)
    assert isinstance(new.value, dict)
    return Node(_merged(part, old.value, new.value), new.place, new.key)


def _merged(part: Part, old: Mapping[str, Node], new: Mapping[str, Node]) -> dict[str, Node]:
    merged = dict(old)
    for key, node in new.items():
        inner = part.inside(key)
        if node.value is None and part.row is not None and key in old and "like" not in old:
            del merged[key]
        elif inner is None or key not in old or node.value is None:
            merged[key] = node
        else:
            merged[key] = merge(inner, old[key], node)
    return merged


@dataclass
class _Copying:
    """What the copies of one document share."""

    tree: Part
    root: Node
    problems: list[Problem] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)  # of which part each copied one is
    values: int = 0  # gone through so far


def expand(tree: Part, root: Node) -> tuple[Node, dict[str, str], list[Problem]]:
    """The document with every `like` replaced by a copy of what it names, the keys beside it put over the copy.

    Beside it, by path, of which part each copied one is. Raises ScenarioError where the copies come to more than any
    world holds.
    """
    copying = _Copying(tree, root)
    return _expand(tree, root, "", copying, ()), copying.copies, copying.problems


def _expand(part: Part | None, node: Node, path: str, copying: _Copying, sites: tuple[str, ...]) -> Node:
    copying.values += 1
    if part is None or not isinstance(node.value, dict):
        return node
    if "like" in node.value:
        return _copy(part, node, path, copying, sites)
    inside = {
        key: _expand(part.inside(key), inner, within(path, key), copying, sites) for key, inner in node.value.items()
    }
    return Node(inside, node.place, node.key)


def _copy(part: Part, node: Node, path: str, copying: _Copying, sites: tuple[str, ...]) -> Node:
    """What stands at `path`, where `node` says what it is like. `sites`: the copies being made, outermost first."""
    assert isinstance(node.value, dict)
    beside = Node({key: inner for key, inner in node.value.items() if key != "like"}, node.place, node.key)
    like = node.value["like"]
    reason = None
    if copying.values > MAX_COPIED:
        message = f"{path}.like: with this the copies come to more than {MAX_COPIED:,} values; no scenario has as many"
        raise ScenarioError([problem(like.place, path, message)])
    if path in sites:
        reason = f"is like itself: {' -> '.join((*sites[sites.index(path) :], path))}"
    elif len(sites) >= MAX_CHAIN:
        reason = f"is the end of a chain of more than {MAX_CHAIN} copies"
    elif not isinstance(like.value, str):
        reason = "expected the path of a part, such as jurisdictions.us.funding"
    if reason is None:
        found = _find(str(like.value), copying, (*sites, path))
        if isinstance(found, str):
            reason = found
        elif found[0].kind != part.kind or found[0].is_leaf != part.is_leaf:
            reason = f"{like.value} is another kind of part"
        else:
            copying.copies[path] = str(like.value)
            copied = _expand(part, found[1], str(like.value), copying, (*sites, path))
            return _expand(part, merge(part, copied, beside), path, copying, (*sites, path))
    note(copying.problems, problem(like.place, path, f"{path}.like: {reason}"))
    return _expand(part, beside, path, copying, sites)


def _find(path: str, copying: _Copying, sites: tuple[str, ...]) -> tuple[Part, Node] | str:
    """The part and the node at a path of the document, copies on the way made; a reason where there is none."""
    part, node, walked = copying.tree, copying.root, ""
    for key in path.split("."):
        if isinstance(node.value, dict) and "like" in node.value:
            node = _copy(part, node, walked, copying, sites)
        inner = part.inside(key)
        if inner is None or not isinstance(node.value, dict) or key not in node.value:
            names = node.value if isinstance(node.value, dict) else ()
            return f"there is no {path}: {walked or 'the scenario'} has no {key}{did_you_mean(key, names)}"
        part, node, walked = inner, node.value[key], within(walked, key)
    return part, node
