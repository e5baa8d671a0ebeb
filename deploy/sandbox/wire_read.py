"""A request's bytes -> the operation's parameters, by the rules of the service's protocol."""

import base64
import binascii
import datetime
import json
import urllib.parse
import xml.etree.ElementTree

from .errors import AwsError

DEPTH_MAX = 64


def _no_duplicates(pairs):
    result = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"key '{key}' given twice")
        result[key] = value
    return result


def _no_constant(text):
    raise ValueError(f"{text} is not JSON")


def parse_json(body):
    """Strict JSON; an empty body is an empty object, as for every AWS JSON service."""
    if not body:
        return {}
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_no_duplicates,
                          parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", f"could not parse the body as JSON: {error}",
                       400) from None


def read_params(service, operation, request, labels):
    """The parameters of a request, keyed as in the model. Raises AwsError of a parse failure."""
    shape = operation.input_shape
    if service.protocol == "json":
        return read_value(shape, _object(parse_json(request.body)), "") if shape else {}
    if service.protocol == "query":
        return read_query(operation, request)
    return read_rest(service, shape, request, labels) if shape else {}


def _object(document):
    if not isinstance(document, dict):
        raise AwsError("SerializationException", "Start of structure expected", 400)
    return document


def read_query(operation, request):
    """Query protocol: Name.member.1.Key=value pairs; a name that nothing reads is refused."""
    values = dict(urllib.parse.parse_qsl(request.body.decode("utf-8", "replace"),
                                         keep_blank_values=True))
    used = {"Action", "Version"}
    params = {}
    if operation.input_shape is not None:
        params = _query_structure(operation.input_shape, values, "", used)
    for key in values:
        if key not in used:
            raise AwsError("ValidationError", f"unknown parameter '{key}'", 400)
    return params


def _query_value(shape, values, prefix, used):
    kind = shape.type_name
    if kind == "structure":
        return _query_structure(shape, values, prefix + ".", used)
    if kind == "list":
        return _query_list(shape, values, prefix, used)
    if kind == "map":
        return _query_map(shape, values, prefix, used)
    used.add(prefix)
    return read_text(shape, values[prefix], prefix)


def _present(values, prefix):
    return prefix in values or any(key.startswith(prefix + ".") for key in values)


def _query_structure(shape, values, prefix, used):
    result = {}
    for name, member in shape.members.items():
        wire = prefix + member.serialization.get("name", name)
        if _present(values, wire):
            result[name] = _query_value(member, values, wire, used)
    return result


def _query_list(shape, values, prefix, used):
    if not shape.serialization.get("flattened"):
        prefix += "." + shape.member.serialization.get("name", "member")
    result = []
    while _present(values, f"{prefix}.{len(result) + 1}"):
        result.append(_query_value(shape.member, values, f"{prefix}.{len(result) + 1}", used))
    return result


def _query_map(shape, values, prefix, used):
    result, number = {}, 1
    while f"{prefix}.entry.{number}.key" in values:
        key = f"{prefix}.entry.{number}.key"
        used.add(key)
        result[values[key]] = _query_value(shape.value, values, f"{prefix}.entry.{number}.value",
                                           used)
        number += 1
    return result


def read_rest(service, shape, request, labels):
    """REST protocols: labels, query and headers by location; the rest is the body."""
    params, body_members = {}, {}
    query = request.query_pairs()
    for name, member in shape.members.items():
        info = member.serialization
        wire = info.get("name", name)
        location = info.get("location")
        if location == "uri":
            params[name] = read_text(member, labels[wire], name)
        elif location == "querystring":
            _read_querystring(member, name, wire, query, params)
        elif location == "header":
            if wire.lower() in request.fields:
                params[name] = read_text(member, request.fields[wire.lower()], name)
        elif location == "headers":
            found = {key[len(wire):]: value for key, value in request.fields.items()
                     if key.startswith(wire.lower())}
            if found:
                params[name] = found
        else:
            body_members[wire] = (name, member)
    payload = shape.serialization.get("payload")
    if service.protocol == "rest-json":
        refuse_unknown_query(shape, query)
        params.update(_read_json_body(shape, payload, body_members, request))
    elif payload and shape.members[payload].type_name == "structure" and request.body:
        params[payload] = read_xml(request.body)
    return params


def _read_querystring(member, name, wire, query, params):
    values = [value for key, value in query if key == wire]
    if member.type_name == "map":
        fixed = {key: value for key, value in query}
        if fixed:
            params[name] = fixed
    elif member.type_name == "list":
        if values:
            params[name] = [read_text(member.member, value, name) for value in values]
    elif values:
        params[name] = read_text(member, values[-1], name)


def refuse_unknown_query(shape, query):
    known = {member.serialization.get("name", name) for name, member in shape.members.items()
             if member.serialization.get("location") == "querystring"}
    for key, _ in query:
        if key not in known:
            raise AwsError("ValidationException", f"unknown query parameter '{key}'", 400)


def _read_json_body(shape, payload, body_members, request):
    if payload:
        member = shape.members[payload]
        if member.type_name == "blob":
            return {payload: request.body}
        return {payload: read_value(member, parse_json(request.body), payload)}
    document = _object(parse_json(request.body))
    result = {}
    for key, value in document.items():
        if key not in body_members:
            raise AwsError("ValidationException", f"unknown member '{key}'", 400)
        name, member = body_members[key]
        if value is not None:
            result[name] = read_value(member, value, name)
    return result


def read_xml(body):
    """S3 bodies are only checked to be XML here; moto reads them."""
    if b"<!DOCTYPE" in body:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed", 400)
    try:
        return {"xml": xml.etree.ElementTree.fromstring(body).tag}
    except xml.etree.ElementTree.ParseError:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not "
                       "validate against our published schema", 400) from None


def read_text(shape, text, path):
    """A label, query or header value: always text on the wire."""
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "timestamp":
            return _timestamp_text(text)
    except (KeyError, ValueError):
        raise AwsError("SerializationException", f"'{text}' at '{path}' can not be converted to "
                       f"a {kind}", 400) from None
    return text


def _timestamp_text(text):
    if text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return datetime.datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %Z").timestamp()


JSON_KINDS = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE",
              dict: "START_OBJECT", list: "START_ARRAY"}


def _cannot(value, kind, path):
    return AwsError("SerializationException", f"{JSON_KINDS.get(type(value), 'VALUE')} at '{path}' "
                    f"can not be converted to {kind}", 400)


def read_value(shape, value, path, depth=0):
    """One JSON value by its shape: types are checked here, limits in validate.py."""
    if depth > DEPTH_MAX:
        raise AwsError("SerializationException", "document nested too deeply", 400)
    if value is None:
        raise AwsError("SerializationException", f"null at '{path}' is not allowed", 400)
    return READERS[shape.type_name](shape, value, path, depth)


def _read_structure(shape, value, path, depth):
    if not isinstance(value, dict):
        raise _cannot(value, "a structure", path)
    if getattr(shape, "is_document_type", False):
        return value
    by_wire = {member.serialization.get("name", name): (name, member)
               for name, member in shape.members.items()}
    result = {}
    for key, item in value.items():
        if key not in by_wire:
            raise AwsError("ValidationException", f"unknown member '{path + '.' if path else ''}"
                           f"{key}'", 400)
        if item is not None:
            name, member = by_wire[key]
            result[name] = read_value(member, item, f"{path}.{name}" if path else name, depth + 1)
    return result


def _read_list(shape, value, path, depth):
    if not isinstance(value, list):
        raise _cannot(value, "a list", path)
    return [read_value(shape.member, item, f"{path}.{index}.member", depth + 1)
            for index, item in enumerate(value, 1)]


def _read_map(shape, value, path, depth):
    if not isinstance(value, dict):
        raise _cannot(value, "a map", path)
    return {key: read_value(shape.value, item, f"{path}.{key}.member", depth + 1)
            for key, item in value.items()}


def _read_string(shape, value, path, _depth):
    if not isinstance(value, str):
        raise _cannot(value, "String", path)
    return value


def _read_number(shape, value, path, _depth):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _cannot(value, "a number", path)
    if shape.type_name in ("integer", "long") and not isinstance(value, int):
        raise _cannot(value, "Integer" if shape.type_name == "integer" else "Long", path)
    return value


def _read_boolean(shape, value, path, _depth):
    if not isinstance(value, bool):
        raise _cannot(value, "Boolean", path)
    return value


def _read_timestamp(shape, value, path, _depth):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _cannot(value, "Timestamp", path)
    return float(value)


def _read_blob(shape, value, path, _depth):
    if not isinstance(value, str):
        raise _cannot(value, "Blob", path)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise AwsError("SerializationException", f"'{path}' is not base64", 400) from None


READERS = {"structure": _read_structure, "list": _read_list, "map": _read_map,
           "string": _read_string, "character": _read_string, "integer": _read_number,
           "long": _read_number, "float": _read_number, "double": _read_number,
           "boolean": _read_boolean, "timestamp": _read_timestamp, "blob": _read_blob}
