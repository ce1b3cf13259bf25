"""A whole log, entry after entry."""

from __future__ import annotations

import hashlib

from . import leaf as leaves
from . import map as maps
from .errors import Broken, Malformed
from .state import State, apply


class Replay:
    """The state after the entries so far, and the log's tree."""

    def __init__(self, origin: str):
        self.state = State(origin, map_root=maps.root({}))
        self.hashes: list[bytes] = []

    def push(self, leaf: bytes, payload: bytes) -> str | None:
        """Takes an entry; the rule that it breaks. It stays in the log all the same."""
        self.hashes.append(leaves.leaf_hash(leaf))
        try:
            self._apply(leaf, payload)
        except Malformed:
            return "Unreadable"
        except Broken as broken:
            return broken.rule
        finally:
            self.state.size += 1
        return None

    def _apply(self, leaf: bytes, payload: bytes) -> None:
        read = leaves.parse(leaf)
        named = [hashlib.sha256(payload).digest(), len(payload)]
        if read.payload != named:
            raise ValueError("the payload is not the one that the leaf names")
        change = apply(self.state, read, payload)
        change()
        self._map(read)

    def _map(self, read: leaves.Leaf) -> None:
        if read.kind == leaves.MAP_HEAD:
            return
        state = self.state
        if read.kind == leaves.POLICY:
            family, record = maps.POLICY, state.policy_record()
        elif leaves.KINDS[read.kind].word:
            family, record = leaves.KINDS[read.kind].family, state.objects[read.subject].encode()
        else:
            family, record = maps.ORGANISATION, state.organisations[read.subject].encode()
        state.map[maps.key_of(family, read.subject)] = hashlib.sha256(record).digest()
        state.map_root = maps.root(state.map)

    def log_root(self) -> bytes:
        """RFC 6962 §2.1"""
        return tree_root(self.hashes)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes: list[bytes]) -> bytes:
    """The root of a tree of these leaves."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return _node(tree_root(hashes[:split]), tree_root(hashes[split:]))


def root_of_last(leaf: bytes, size: int, path: bytes) -> bytes:
    """The root that an inclusion path of the last leaf leads to. RFC 6962 §2.1.1

    The last leaf stands right of everything: each node of its path is the left one, and
    there are as many as the index before it has bits set.
    """
    if len(path) != 32 * (size - 1).bit_count():
        raise Malformed("a path of another length")
    node = leaves.leaf_hash(leaf)
    for at in range(0, len(path), 32):
        node = _node(path[at : at + 32], node)
    return node
