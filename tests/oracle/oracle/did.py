"""Names of did:webvh. did:webvh 1.0, "Method-Specific Identifier" """

import re

from .errors import expect

_NAME = re.compile(r"did:webvh:([1-9A-HJ-NP-Za-km-z]+):([a-z0-9.-]+(?:%3[Aa][0-9]+)?(?::[A-Za-z0-9._~%-]+)*)", re.ASCII)


def is_webvh(text) -> bool:
    """Whether a text is a did:webvh DID."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def scid(name: str) -> str:
    """The SCID in a DID."""
    found = _NAME.fullmatch(name)
    expect(found is not None, "not a did:webvh DID")
    return found.group(1)
