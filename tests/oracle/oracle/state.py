"""The state function. docs/ledger.md §5"""

from __future__ import annotations

from dataclasses import dataclass, field

from . import cbor, did, payloads, rules, subjects
from .errors import Broken, Malformed, obey
from .leaf import KINDS, MAP_HEAD, POLICY, Head, Leaf
from .map import ORGANISATION, key_of
from .map import POLICY as POLICY_FAMILY
from .record import Object, Organisation


@dataclass
class State:
    """Everything that entries have changed so far."""

    origin: str
    size: int = 0
    policy: payloads.Policy | None = None
    policy_payload: list | None = None
    policy_head: Head | None = None
    organisations: dict[str, Organisation] = field(default_factory=dict)
    objects: dict[str, Object] = field(default_factory=dict)
    map_head: Head | None = None
    map_head_time: int = 0
    map: dict[bytes, bytes] = field(default_factory=dict)
    map_root: bytes = b""

    def head(self, leaf: Leaf) -> Head | None:
        """The head of the chain that this leaf continues."""
        if leaf.kind == POLICY:
            return self.policy_head
        if leaf.kind == MAP_HEAD:
            return self.map_head
        if KINDS[leaf.kind].word:
            record = self.objects.get(leaf.subject)
            return record.head if record else None
        organisation = self.organisations.get(leaf.subject)
        return organisation.heads.get(KINDS[leaf.kind].part) if organisation else None

    def is_registrar(self, name: str) -> bool:
        """Whether the policy in force names this DID."""
        return self.policy is not None and name in self.policy.registrars

    def policy_record(self) -> bytes:
        """The record of the policy. §6"""
        head = self.policy_head
        assert head is not None
        return cbor.encode([1, self.origin, self.policy_payload, [head.seq, head.index, head.hash]])

    def records(self) -> dict[bytes, bytes]:
        """Every record by its key in the map."""
        records = {key_of(ORGANISATION, one.did): one.encode() for one in self.organisations.values()}
        records |= {key_of(one.family, one.subject): one.encode() for one in self.objects.values()}
        if self.policy is not None:
            records[key_of(POLICY_FAMILY, self.origin)] = self.policy_record()
        return records


def apply(state: State, leaf: Leaf, payload: bytes):
    """What the entry makes of the state: a function that does it. Raises the rule that it breaks."""
    obey(leaf.kind in KINDS, "Unreadable")
    obey(state.policy is not None or leaf.kind == POLICY, "PolicyMissing")
    obey(state.policy is None or state.policy.successor is None or leaf.kind == MAP_HEAD, "LogClosed")
    kind = KINDS[leaf.kind]
    if kind.about_the_log:
        obey(leaf.subject == state.origin, "SubjectNotOrigin")
    elif kind.word:
        origin = state.origin if kind.word == "release" else None
        obey(subjects.follows(leaf.subject, kind.word, origin), "SubjectNotObject")
    else:
        obey(did.is_webvh(leaf.subject), "SubjectNotDid")
    cap = state.policy.cap(leaf.kind, kind.cap) if state.policy else kind.cap
    obey(len(payload) <= cap, "PayloadTooLong")
    obey(leaf.private is None or kind.private, "PrivateNotAllowed")
    _continues(state.head(leaf), leaf)
    try:
        return rules.OF_KIND[leaf.kind](state, leaf, payload)
    except Malformed as error:
        raise Broken("Payload") from error


def _continues(head: Head | None, leaf: Leaf) -> None:
    if head is None:
        obey(leaf.seq == 0 and leaf.prev is None, "Conflict")
    else:
        obey(leaf.seq == head.seq + 1 and leaf.prev == [head.index, head.hash], "Conflict")
