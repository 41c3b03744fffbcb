"""Changes to YAML that somebody wrote: what is to be changed is, and nothing else, comments least of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast

import yaml

from adapters.workspace.documents import Loc


class Edit(NamedTuple):
    """What stands in the text from `start` on, before `end`, gives way to `text`."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all `edits` made; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def node_at(text: str, loc: Loc) -> yaml.Node:
    """What `loc` leads to. KeyError, IndexError."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in loc:
        if isinstance(part, int):
            node = cast("yaml.SequenceNode", node).value[part]
        else:
            found = {key.value: value for key, value in cast("yaml.MappingNode", node).value}
            node = found[part]
    return cast("yaml.Node", node)


def replacing(node: yaml.Node, text: str) -> Edit:
    """The edit that puts `text`, which fits on a line, in the place of all of `node`."""
    return Edit(node.start_mark.index, max(_ends(node)), text)


def with_key(text: str, loc: Loc, key: str, value: str) -> str:
    """`text` with `key: value` in the mapping at `loc`, in the place of what stands under that key, if there is any."""
    node = node_at(text, loc)
    for known, old in node.value:
        if known.value == key:
            return edited(text, [replacing(old, value)])
    first_key, first_value = node.value[0]
    if cast("yaml.CollectionNode", node).flow_style:
        return before_its_end(text, node, f", {key}: {value}")
    return below(text, first_value, f"{' ' * first_key.start_mark.column}{key}: {value}")


def without_items(text: str, loc: Loc, key: str, gone: set[int]) -> str:
    """`text` without those items of the list under `key` in the mapping at `loc`; without the key, where all go."""
    above = node_at(text, loc)
    key_node, listed = next((known, value) for known, value in above.value if known.value == key)
    kept = [text[each.start_mark.index : max(_ends(each))] for at, each in enumerate(listed.value) if at not in gone]
    if listed.flow_style or cast("yaml.CollectionNode", above).flow_style:
        return edited(text, [replacing(listed, f"[{', '.join(kept)}]")])
    lines = text.splitlines(keepends=True)
    spans = [(each.start_mark.line, max(last_lines(each))) for at, each in enumerate(listed.value) if at in gone]
    if not kept:
        spans.append((key_node.start_mark.line, key_node.start_mark.line))
    dropped = {line for first, last in spans for line in range(first, last + 1)}
    return "".join(line for number, line in enumerate(lines) if number not in dropped)


def before_its_end(text: str, node: yaml.Node, more: str) -> str:
    """`more` before the bracket that ends a flow node."""
    end = node.end_mark.index - 1
    return text[:end].rstrip() + more + text[end:]


def below(text: str, node: yaml.Node, more: str) -> str:
    """Below the last line of what is written in `node`: the marks of block nodes end where the next one begins."""
    lines = text.splitlines(keepends=True)
    last = max(last_lines(node))
    if not lines[last].endswith("\n"):
        lines[last] += "\n"
    return "".join([*lines[: last + 1], more, "\n", *lines[last + 1 :]])


def last_lines(node: yaml.Node) -> Iterator[int]:
    """The lines on which the parts of a node end."""
    return (mark.line for mark in _marks(node))


def _ends(node: yaml.Node) -> Iterator[int]:
    return (mark.index for mark in _marks(node))


def _marks(node: yaml.Node) -> Iterator[yaml.Mark]:
    if isinstance(node, yaml.ScalarNode) or cast("yaml.CollectionNode", node).flow_style:
        yield node.end_mark
        return
    for each in node.value:
        for part in each if isinstance(each, tuple) else (each,):
            yield from _marks(part)
