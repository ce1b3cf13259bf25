"""The leaf and its kinds. docs/ledger.md §2 and §3"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from . import cbor
from .cbor import is_bytes, is_list, is_uint
from .errors import expect

LONGEST = 2048
LONGEST_SUBJECT = 512
MOST_SIGNATURES = 16
ALGORITHMS = (-7, -8)

POLICY, MAP_HEAD = 0, 11
PART_POLICY, PART_DID, PART_ACCREDITATION, PART_RELYING_PARTY, PART_SNAPSHOT, PART_MAP_HEAD = range(6)
PART_SCHEMA, PART_RULE, PART_SERVICE, PART_DOCUMENT, PART_AUDIT, PART_RELEASE = range(6, 12)


@dataclass(frozen=True)
class Kind:
    """A row of the table of §3."""

    name: str
    part: int
    cap: int
    about_the_log: bool = False
    private: bool = False
    # For schemas, rules, services, documents and releases: the word in the subject, and the family of the map.
    word: str | None = None
    family: int = 1


KINDS: dict[int, Kind] = {
    0: Kind("policy", PART_POLICY, 65536, about_the_log=True),
    1: Kind("did create", PART_DID, 16384),
    2: Kind("did update", PART_DID, 16384),
    3: Kind("did rotate", PART_DID, 16384),
    4: Kind("did deactivate", PART_DID, 16384),
    5: Kind("accreditation grant", PART_ACCREDITATION, 65536, private=True),
    6: Kind("accreditation revoke", PART_ACCREDITATION, 1024, private=True),
    7: Kind("relying party register", PART_RELYING_PARTY, 65536, private=True),
    8: Kind("relying party update", PART_RELYING_PARTY, 65536, private=True),
    9: Kind("relying party revoke", PART_RELYING_PARTY, 1024, private=True),
    10: Kind("status snapshot", PART_SNAPSHOT, 262144),
    11: Kind("map head", PART_MAP_HEAD, 128, about_the_log=True),
    12: Kind("schema publish", PART_SCHEMA, 65536, word="schema", family=2),
    13: Kind("schema supersede", PART_SCHEMA, 65536, word="schema", family=2),
    14: Kind("rule publish", PART_RULE, 8192, word="rule", family=3),
    15: Kind("rule supersede", PART_RULE, 8192, word="rule", family=3),
    16: Kind("service publish", PART_SERVICE, 16384, word="service", family=4),
    17: Kind("service supersede", PART_SERVICE, 16384, word="service", family=4),
    18: Kind("document", PART_DOCUMENT, 4096, word="document", family=5),
    19: Kind("audit snapshot", PART_AUDIT, 1024),
    20: Kind("release", PART_RELEASE, 65536, word="release", family=6),
}


@dataclass(frozen=True)
class Head:
    """Where a chain ends: `seq`, `index` and leaf hash."""

    seq: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Leaf:
    """A leaf that reads. Nothing of it is checked."""

    kind: int
    subject: str
    seq: int
    prev: list | None
    payload: list
    private: bytes | None
    authority: list
    hash: bytes

    def to_be_signed(self, origin: str) -> bytes:
        """What every signature in the authority is over."""
        own = [1, self.kind, self.subject, self.seq, self.prev, self.payload, self.private]
        return cbor.encode(["holdfast/leaf/v1", origin, *own])

    def head(self, index: int) -> Head:
        """The head of its chain, once it is entry `index`."""
        return Head(self.seq, index, self.hash)


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 §2.1"""
    return hashlib.sha256(b"\0" + data).digest()


def parse(data: bytes) -> Leaf:
    """Reads a leaf."""
    expect(len(data) <= LONGEST, "a leaf that is too long")
    item = cbor.decode(data)
    expect(is_list(item, 8) and type(item[0]) is int and item[0] == 1, "not a leaf")
    _, kind, subject, seq, prev, payload, private, authority = item
    expect(is_uint(kind) and is_uint(seq), "not a leaf")
    expect(isinstance(subject, str) and 1 <= len(subject.encode()) <= LONGEST_SUBJECT, "no subject")
    expect((prev is None) == (seq == 0), "prev is null where seq is 0")
    expect(prev is None or is_list(prev, 2) and is_uint(prev[0]) and is_bytes(prev[1], 32), "prev")
    expect(is_list(payload, 2) and is_bytes(payload[0], 32) and is_uint(payload[1]), "payload")
    expect(private is None or is_bytes(private, 32), "private")
    _check_authority(authority)
    return Leaf(kind, subject, seq, prev, payload, private, authority, leaf_hash(data))


def _check_authority(authority) -> None:
    expect(is_list(authority) and authority and is_uint(authority[0]), "authority")
    if authority[0] in (0, 1):
        expect(len(authority) == 1, "authority")
        return
    expect(authority[0] == 2 and len(authority) == 2 and is_list(authority[1]), "authority")
    signatures = authority[1]
    expect(1 <= len(signatures) <= MOST_SIGNATURES, "the number of signatures")
    for one in signatures:
        expect(is_list(one, 3) and isinstance(one[0], str) and is_bytes(one[2], 64), "a signature")
        expect(type(one[1]) is int and one[1] in ALGORITHMS, "an algorithm that is not in use")
    ids = [one[0] for one in signatures]
    expect(all(a < b for a, b in zip(ids, ids[1:])), "signatures are sorted, none twice")
