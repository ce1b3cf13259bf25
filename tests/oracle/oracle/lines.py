"""What the kinds of a DID ask for. docs/ledger.md §5.1"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import authority, base58, document
from .didline import Before, Line
from .errors import Broken, Malformed, obey
from .leaf import Leaf
from .record import MOST_KEYS, Organisation
from .subject import with_did, write

if TYPE_CHECKING:
    from .state import State


def rule(state: State, leaf: Leaf, payload: bytes):
    """Kinds 1 to 4."""
    obey(b"\n" not in payload, "DidLineFeed")
    try:
        line = Line(payload)
    except Malformed as error:
        raise Broken("DidLine") from error
    obey(line.did == leaf.subject, "DidDiffers")
    # A first line where there is nothing before, whatever the kind says.
    before = None if leaf.kind == 1 and leaf.subject not in state.organisations else with_did(state, leaf)
    try:
        line.verify_next(before.line) if before else line.verify_first()
    except Malformed as error:
        raise Broken("DidLine") from error
    obey(before is not None or line.parameters.get("portable", False), "DidNotPortable")
    obey(not line.parameters.get("witness"), "DidWitnesses")
    obey(line.deactivates or line.next_key_hashes() != [], "DidNotPreRotated")
    after = _after(leaf, line, before)
    if before is None and not state.is_registrar(leaf.subject):
        authority.by_registrar(state, leaf)
    else:
        obey(leaf.authority == [1], "AuthorityForm")
    return write(state, leaf, after)


def _after(leaf: Leaf, line: Line, before: Organisation | None) -> Organisation:
    """The organisation with this line, and whether the line is what the kind says. §3"""
    following = Before(line.number, line.entry_hash, line.time, _promised(line))
    after = replace(before, line=following) if before else Organisation(leaf.subject, following, [])
    after.line_payload = leaf.payload
    try:
        keys = document.keys(line.document)
    except Malformed as error:
        raise Broken("DidKeyUnsupported") from error
    obey(len(keys) <= MOST_KEYS and len(following.next) <= MOST_KEYS, "DidKeyCount")
    same = before is not None and keys == before.keys
    after.change_keys({} if line.deactivates else keys)
    actual = 4 if line.deactivates else 1 if before is None else 2 if same else 3
    obey(leaf.kind == actual, "DidKindDiffers")
    after.deactivated = line.deactivates
    return after


def _promised(line: Line) -> list[bytes]:
    try:
        promised = sorted({base58.digest(text) for text in line.next_key_hashes()})
    except Malformed as error:
        raise Broken("DidNextKeyHash") from error
    return promised
