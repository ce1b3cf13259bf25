"""The map. docs/ledger.md §7"""

import hashlib

from . import cbor
from .cbor import is_bytes, is_list
from .errors import expect

POLICY, ORGANISATION = 0, 1


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def key_of(family: int, subject: str) -> bytes:
    """Where a record stands."""
    return _hash(cbor.encode(["holdfast/map/v1", family, subject]))


def bit(key: bytes, at: int) -> int:
    """A bit of a key; 0 is the highest of the first byte."""
    return key[at // 8] >> 7 - at % 8 & 1


def root(values: dict[bytes, bytes]) -> bytes:
    """The root of a whole map, from nothing but its keys and values."""
    return _root(sorted(values.items()), 0) if values else _hash()


def _root(leaves: list[tuple[bytes, bytes]], at: int) -> bytes:
    if len(leaves) == 1:
        return _hash(*leaves[0])
    first, last = leaves[0][0], leaves[-1][0]
    while bit(first, at) == bit(last, at):
        at += 1
    middle = next(number for number, (key, _) in enumerate(leaves) if bit(key, at))
    return _hash(_root(leaves[:middle], at + 1), _root(leaves[middle:], at + 1), bytes([at]))


def verify(proof, wanted_root: bytes, key: bytes, value: bytes | None) -> None:
    """A map proof that the key has this value, or none."""
    expect(is_list(proof, 3) and is_bytes(proof[1]) and is_bytes(proof[2]), "a map proof")
    other, bits, siblings = proof
    expect(len(siblings) == 32 * len(bits), "a node for each bit")
    expect(all(a > b for a, b in zip(bits, bits[1:])), "bits decrease")
    expect((other is None) == (value is not None), "presence and absence")
    at, hashed = (key, value) if value is not None else other
    if value is None:
        expect(is_bytes(at, 32) and is_bytes(hashed, 32) and at != key, "another leaf")
        expect(all(bit(at, one) == bit(key, one) for one in bits), "a leaf of another walk")
    node = _hash(at, hashed)
    for number, one in enumerate(bits):
        sibling = siblings[32 * number : 32 * number + 32]
        pair = (sibling, node) if bit(at, one) else (node, sibling)
        node = _hash(*pair, bytes([one]))
    expect(node == wanted_root, "the proof leads to another root")
