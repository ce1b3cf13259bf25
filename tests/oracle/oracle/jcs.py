"""Strict JSON and its JCS form (RFC 8785)."""

import base64
import json

from .errors import Malformed, expect

LARGEST = 2**53 - 1
_SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def _string(text: str) -> str:
    escaped = []
    for char in text:
        code = ord(char)
        if code in _SHORT:
            escaped.append(_SHORT[code])
        else:
            escaped.append(f"\\u{code:04x}" if code < 32 else char)
    return '"' + "".join(escaped) + '"'


def _write(value) -> str:
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        expect(abs(value) <= LARGEST, "a number out of range")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    expect(isinstance(value, dict), "a number that is not an integer")
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{_string(name)}:{_write(value[name])}" for name in names) + "}"


def canonical(value) -> bytes:
    """The JCS form."""
    try:
        return _write(value).encode()
    except UnicodeEncodeError as error:
        raise Malformed("half a character") from error


def _once(pairs):
    members = dict(pairs)
    expect(len(members) == len(pairs), "a repeated name")
    return members


def _no_constant(_text):
    raise Malformed("not JSON")


def strict(data: bytes):
    """JSON whose names are there once."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error


def payload(data: bytes) -> dict:
    """A JSON payload: an object in JCS form."""
    value = strict(data)
    expect(isinstance(value, dict), "not an object")
    expect(canonical(value) == data, "not in JCS form")
    return value


def members(value, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict:
    """An object with these members and no others."""
    expect(isinstance(value, dict), "not an object")
    expect(required <= set(value) <= required | optional, "other members than its schema names")
    return value


def from_base64url(text, length: int | None = None) -> bytes:
    """The bytes of base64url without padding, in its one spelling."""
    expect(isinstance(text, str), "not a text")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Malformed("not base64url") from error
    expect(base64url(data) == text and length in (None, len(data)), "not base64url of that length")
    return data


def base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
