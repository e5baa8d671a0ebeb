"""Parameters against the constraints of the service model: required, lengths, ranges, patterns.

The messages follow what AWS services print ("1 validation error detected: Value '...' at '...'
failed to satisfy constraint: ..."), so that a person recognises them.
"""

import functools
import re

SHOWN_MAX = 256


@functools.lru_cache(maxsize=4096)
def compiled(pattern):
    """The pattern as Python knows it, or None where it uses what Python lacks (\\p{...})."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def violations(shape, params):
    """[(path, message)] of every constraint that `params` break; empty when all hold."""
    found = []
    if shape is not None:
        _structure(shape, params, "", found)
    return found


def summary(found):
    """The violations in AWS's words."""
    count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
    return f"{count}: " + "; ".join(message for _, message in found)


def _add(found, path, value, constraint):
    text = "null" if value is None else f"'{str(value)[:SHOWN_MAX]}'"
    found.append((path, f"Value {text} at '{path}' failed to satisfy constraint: {constraint}"))


def _join(path, name):
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _structure(shape, value, path, found):
    for name in shape.required_members:
        if name not in value:
            _add(found, _join(path, name), None, "Member must not be null")
    for name, item in value.items():
        member = shape.members.get(name)
        if member is not None:
            check(member, item, _join(path, name), found)


def check(shape, value, path, found):
    """Check one value; structures, lists and maps are walked."""
    kind = shape.type_name
    if kind == "structure":
        if isinstance(value, dict) and "xml" not in value:
            _structure(shape, value, path, found)
    elif kind == "list":
        _length(shape, value, path, found)
        for index, item in enumerate(value, 1):
            check(shape.member, item, f"{path}.{index}.member", found)
    elif kind == "map":
        _length(shape, value, path, found)
        for key, item in value.items():
            check(shape.key, key, path, found)
            check(shape.value, item, f"{path}.{key}.member", found)
    elif kind == "string":
        _string(shape, value, path, found)
    elif kind == "blob":
        _length(shape, value, path, found)
    elif kind in ("integer", "long", "float", "double"):
        _range(shape, value, path, found)


def _length(shape, value, path, found):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        _add(found, path, value, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        _add(found, path, value, f"Member must have length less than or equal to {high}")


def _string(shape, value, path, found):
    if shape.enum and value not in shape.enum:
        _add(found, path, value,
             f"Member must satisfy enum value set: [{', '.join(sorted(shape.enum))}]")
        return
    _length(shape, value, path, found)
    pattern = shape.metadata.get("pattern")
    regex = compiled(pattern) if pattern else None
    if regex is not None and not regex.fullmatch(value):
        _add(found, path, value, f"Member must satisfy regular expression pattern: {pattern}")


def _range(shape, value, path, found):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        _add(found, path, value, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        _add(found, path, value, f"Member must have value less than or equal to {high}")
