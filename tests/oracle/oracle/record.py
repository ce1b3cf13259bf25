"""Records. docs/ledger.md §6"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import cbor
from .didline import Before
from .errors import Broken, expect, obey
from .keys import Key
from .leaf import PART_ACCREDITATION, Head

MOST_KEYS, MOST_RETIRED = 16, 512


@dataclass
class Organisation:
    """What the ledger says about one organisation."""

    did: str
    line: Before
    line_payload: list
    deactivated: bool = False
    keys: dict[str, tuple[int, Key]] = field(default_factory=dict)
    retired: dict[str, bytes] = field(default_factory=dict)
    accreditation: list | None = None
    relying_party: list | None = None
    snapshot: list | None = None
    audit: list | None = None
    heads: dict[int, Head] = field(default_factory=dict)

    def copy(self) -> Organisation:
        """Another one, to be changed."""
        return Organisation(**(vars(self) | {"heads": dict(self.heads)}))

    def was_accredited(self) -> bool:
        """At some time: its chain has begun."""
        return PART_ACCREDITATION in self.heads

    def ledger_key(self, fragment: str) -> Key:
        """A key under `capabilityInvocation` now."""
        purposes, key = self.keys.get(fragment, (0, None))
        if purposes & 2 and key is not None:
            return key
        raise Broken("SignerKeyRetired" if fragment in self.retired else "SignerKeyNotListed")

    def change_keys(self, keys: dict[str, tuple[int, Key]]) -> None:
        """Those of the newest document."""
        retired = dict(self.retired)
        for fragment, (_, key) in self.keys.items():
            if fragment not in keys or keys[fragment][1] != key:
                retired[fragment] = key.thumbprint()
        gone = set(retired.values())
        obey(
            all(name not in retired and key.thumbprint() not in gone for name, (_, key) in keys.items()),
            "DidKeyReturns",
        )
        obey(len(retired) <= MOST_RETIRED, "DidRetiredCount")
        self.keys, self.retired = keys, retired

    def encode(self) -> bytes:
        """The record's bytes."""
        line = self.line
        state = [line.number, line.entry_hash, list(line.time), sorted(line.next), self.deactivated, self.line_payload]
        by_name = lambda item: item[0].encode()
        keys = [[name, purposes, key.alg, key.bytes] for name, (purposes, key) in self.keys.items()]
        retired = [[name, thumbprint] for name, thumbprint in self.retired.items()]
        heads = [[part, head.seq, head.index, head.hash] for part, head in sorted(self.heads.items())]
        parts = [self.accreditation, self.relying_party, self.snapshot, self.audit]
        item = [1, self.did, state, sorted(keys, key=by_name), sorted(retired, key=by_name), *parts, heads]
        return cbor.encode(item)


@dataclass(frozen=True)
class Object:
    """What the ledger says about a schema, rule, service, document or release."""

    family: int
    subject: str
    payload: list
    detail: object
    head: Head

    def encode(self) -> bytes:
        """The record's bytes."""
        head = [self.head.seq, self.head.index, self.head.hash]
        return cbor.encode([1, self.family, self.subject, self.payload, self.detail, head])


def about(data: bytes) -> str:
    """The DID that a record is about."""
    item = cbor.decode(data)
    expect(isinstance(item, list) and len(item) == 10 and item[0] == 1 and isinstance(item[1], str), "not a record")
    return item[1]


def named_blobs(data: bytes) -> set[bytes]:
    """Hashes of the payloads that a record names."""
    _, _, state, _, _, accreditation, relying_party, snapshot, audit, _ = cbor.decode(data)
    named = {state[5][0]}
    named |= {accreditation[1][0]} if accreditation else set()
    named |= {relying_party[0][0]} if relying_party else set()
    return named | {one[4][0] for one in (snapshot, audit) if one}
