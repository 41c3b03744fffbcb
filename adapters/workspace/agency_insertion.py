"""Adds a system to an agency in a file that somebody wrote: nothing else of it changes, comments least of all."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from adapters.workspace.yaml_edits import before_its_end, below
from contracts.agencies import normal_code


class CannotInsert(Exception):
    """The file has no such agency, or is no YAML."""


def with_system(text: str, agency: str, system: str) -> str:
    """`text` with one more system, a flow mapping like ``{id: …}``, at the end of the agency's. CannotInsert."""
    node = _agency(text, agency)
    systems = next((value for key, value in node.value if key.value == "systems"), None)
    if isinstance(systems, yaml.SequenceNode) and systems.flow_style:
        return before_its_end(text, systems, f"{', ' if systems.value else ''}{system}")
    if isinstance(systems, yaml.SequenceNode):
        return below(text, systems, f"{' ' * systems.start_mark.column}- {system}")
    if systems is not None:
        raise CannotInsert
    if node.flow_style:
        return before_its_end(text, node, f", systems: [{system}]")
    indent = " " * node.value[0][0].start_mark.column
    return below(text, node, f"{indent}systems:\n{indent}  - {system}")


def _agency(text: str, code: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise CannotInsert from None
    for node in _mappings(root):
        if any(key.value == "code" and _is(value, code) for key, value in node.value):
            return node
    raise CannotInsert


def _is(value: yaml.Node, code: str) -> bool:
    """Whether that is the code, in either of the orders in which codes are written."""
    try:
        return normal_code(str(value.value)) == normal_code(code)
    except ValueError:
        return False


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _mappings(each)
