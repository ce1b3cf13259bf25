"""Subjects of schemas, rules, services, documents and releases. docs/ledger.md §3.1"""

import re

from . import did
from .errors import Malformed
from .words import token


def owner(subject: str) -> str:
    """What stands before the first `/`."""
    return subject.partition("/")[0]


def follows(subject, word: str, origin: str | None = None) -> bool:
    """Whether a text has the form of this word: that of an owner, or of this log."""
    if not isinstance(subject, str):
        return False
    before, _, rest = subject.partition("/")
    if origin is None and not did.is_webvh(before):
        return False
    if origin is not None:
        if not subject.startswith(f"{origin}/"):
            return False
        rest = subject[len(origin) + 1 :]
    own, slash, name = rest.partition("/")
    return own == word and slash == "/" and _is_name(name, word)


def _is_name(name: str, word: str) -> bool:
    if word != "schema":
        return re.fullmatch(r"[a-z0-9-]{1,64}", name) is not None
    try:
        token(name)
    except Malformed:
        return False
    return True
