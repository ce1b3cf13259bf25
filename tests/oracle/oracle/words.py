"""Words, numbers and addresses in payloads. docs/ledger.md §4"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from . import jcs
from .cbor import is_list, is_uint
from .errors import Malformed, expect

UINT32 = 2**32 - 1


def localized(value) -> None:
    """`name` and `text`: a text in each language, English always."""
    expect(isinstance(value, dict) and "en" in value, "no English text")
    for language, text in value.items():
        expect(re.fullmatch("[a-z]{2}", language) is not None, "not a language")
        expect(isinstance(text, str) and 1 <= len(text) <= 200, "the length of a text")
        expect(all(unicodedata.category(char) != "Cc" for char in text), "a control character")


def ascending(values: list) -> None:
    """Sorted, none twice."""
    expect(all(a < b for a, b in zip(values, values[1:])), "not sorted, or something twice")


def number(value, low: int = 0, high: int = jcs.LARGEST) -> int:
    """An integer in this range."""
    expect(is_uint(value) and low <= value <= high, "a number out of range")
    return value


def label(value) -> None:
    """Texts that are impersonal, in each language."""
    localized(value)
    for text in value.values():
        impersonal(text)


def impersonal(text: str) -> None:
    """No address, no telephone number, no number of a person."""
    expect("@" not in text, "an address")
    for stretch in re.findall(r"[0-9 \-.()+]+", text):
        expect(sum(char.isdigit() for char in stretch) <= 8, "a number of a person")


def token(value) -> str:
    """Printable ASCII without space."""
    expect(isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value) is not None, "not a token")
    return value


def link(value) -> None:
    """An address of https, or of http on this machine."""
    token(value)
    try:
        # As many slashes as one likes: WHATWG URL, "special authority ignore slashes state".
        parts = urlsplit(re.sub(r"^(https?):[/\\]*", r"\1://", value, flags=re.IGNORECASE))
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Malformed("not an address") from error
    expect(parts.netloc != "" and bool(host), "not an address")
    here = host == "localhost" or host.endswith(".localhost")
    expect(parts.scheme == "https" or parts.scheme == "http" and here, "another scheme")


def public_link(value) -> None:
    """A link that names nobody."""
    link(value)
    expect("@" not in value, "a link with an address in it")


def items(value, low: int, high: int) -> list:
    """A list of so many."""
    expect(is_list(value) and low <= len(value) <= high, "the length of a list")
    return value


def paths(value, low: int, high: int) -> list:
    """Claims path pointers."""
    for path in items(value, low, high):
        items(path, 1, 16)
        expect(all(part is None or isinstance(part, str) or is_uint(part) for part in path), "a path")
    return value
