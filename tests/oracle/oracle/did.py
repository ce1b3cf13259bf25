"""Names: DIDs (DID Core 1.0 §3.1) and those of did:webvh 1.0, "Method-Specific Identifier"."""

import re

from . import base58
from .errors import Malformed, expect

_DID = re.compile(
    r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+", re.ASCII
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII | re.IGNORECASE)


def is_did(text) -> bool:
    """Whether a text is a DID of any method."""
    return isinstance(text, str) and _DID.fullmatch(text) is not None


def is_webvh(text) -> bool:
    """Whether a text is a did:webvh DID."""
    if not is_did(text):
        return False
    _, method, own, *rest = text.split(":")
    try:
        base58.digest(own)
    except Malformed:
        return False
    return method == "webvh" and rest != [] and _is_host(rest[0]) and all(map(_is_segment, rest[1:]))


def _is_host(text: str) -> bool:
    """A domain name with or without a port, no IP address. Names in other alphabets are not read here."""
    name, *port = re.split("%3a", text, flags=re.IGNORECASE)
    if len(port) > 1 or port and not (re.fullmatch("[0-9]{1,5}", port[0]) and 0 < int(port[0]) < 65536):
        return False
    labels = name.split(".")
    return len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and re.fullmatch("[0-9]+|0x.*", labels[-1]) is None


def _is_segment(text: str) -> bool:
    return text not in ("", ".", "..") and re.search("%2f|%00", text, re.IGNORECASE) is None


def scid(name: str) -> str:
    """The SCID in a DID."""
    expect(is_webvh(name), "not a did:webvh DID")
    return name.split(":")[2]
