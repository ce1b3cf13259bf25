"""The state function. docs/ledger.md §5"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from . import authority, base58, cbor, did, document, payloads
from .didline import Before, Line
from .errors import Broken, Malformed, obey
from .leaf import KINDS, MAP_HEAD, POLICY, Head, Leaf
from .map import ORGANISATION, key_of
from .map import POLICY as POLICY_FAMILY
from .record import MOST_KEYS, Organisation


@dataclass
class State:
    """Everything that entries have changed so far."""

    origin: str
    size: int = 0
    policy: payloads.Policy | None = None
    policy_payload: list | None = None
    policy_head: Head | None = None
    organisations: dict[str, Organisation] = field(default_factory=dict)
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
        if self.policy is not None:
            records[key_of(POLICY_FAMILY, self.origin)] = self.policy_record()
        return records


def apply(state: State, leaf: Leaf, payload: bytes):
    """What the entry makes of the state: a function that does it. Raises the rule that it breaks."""
    obey(leaf.kind in KINDS, "Unreadable")
    obey(state.policy is not None or leaf.kind == POLICY, "PolicyMissing")
    kind = KINDS[leaf.kind]
    if kind.about_the_log:
        obey(leaf.subject == state.origin, "SubjectNotOrigin")
    else:
        obey(did.is_webvh(leaf.subject), "SubjectNotDid")
    cap = state.policy.cap(leaf.kind, kind.cap) if state.policy else kind.cap
    obey(len(payload) <= cap, "PayloadTooLong")
    obey(leaf.private is None or kind.private, "PrivateNotAllowed")
    _continues(state.head(leaf), leaf)
    try:
        return RULES[leaf.kind](state, leaf, payload)
    except Malformed as error:
        raise Broken("Payload") from error


def _continues(head: Head | None, leaf: Leaf) -> None:
    if head is None:
        obey(leaf.seq == 0 and leaf.prev is None, "Conflict")
    else:
        obey(leaf.seq == head.seq + 1 and leaf.prev == [head.index, head.hash], "Conflict")


def _policy(state: State, leaf: Leaf, payload: bytes):
    policy = payloads.Policy.parse(payload)
    obey(policy.origin == state.origin, "PolicyOrigin")
    before = state.policy
    obey(policy.version == (before.version + 1 if before else 1), "PolicyVersion")
    governance = policy.governance
    if before is not None:
        known = set(before.governance.keys) | before.governance.next
        obey(set(governance.keys) <= known, "GovernanceKeyNotAnnounced")
    authority.by_governance(state.origin, leaf, governance, before.governance if before else None)

    def change():
        state.policy, state.policy_payload, state.policy_head = policy, leaf.payload, leaf.head(state.size)

    return change


def _about(subject: str, leaf: Leaf) -> None:
    obey(subject == leaf.subject, "SubjectDiffers")


def _with_did(state: State, leaf: Leaf, or_ended: bool = False) -> Organisation:
    obey(leaf.subject in state.organisations, "DidMissing")
    organisation = state.organisations[leaf.subject]
    obey(or_ended or not organisation.deactivated, "DidDeactivated")
    return organisation.copy()


def _write(state: State, leaf: Leaf, organisation: Organisation):
    organisation.heads[KINDS[leaf.kind].part] = leaf.head(state.size)

    def change():
        state.organisations[organisation.did] = organisation

    return change


def _did(state: State, leaf: Leaf, payload: bytes):
    obey(b"\n" not in payload, "DidLineFeed")
    try:
        line = Line(payload)
    except Malformed as error:
        raise Broken("DidLine") from error
    obey(line.did == leaf.subject, "DidDiffers")
    before = None if leaf.kind == 1 else _with_did(state, leaf)
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
    return _write(state, leaf, after)


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


def _grant(state: State, leaf: Leaf, payload: bytes):
    grant = payloads.Grant.parse(payload)
    _about(grant.subject, leaf)
    organisation = _with_did(state, leaf)
    authority.by_registrar(state, leaf)
    organisation.accreditation = [grant.types, leaf.payload]
    return _write(state, leaf, organisation)


def _revoke_accreditation(state: State, leaf: Leaf, payload: bytes):
    _about(payloads.Revocation.parse(payload).subject, leaf)
    organisation = _with_did(state, leaf, or_ended=True)
    obey(organisation.accreditation is not None, "NotAccredited")
    authority.by_registrar(state, leaf)
    organisation.accreditation = None
    return _write(state, leaf, organisation)


def _scope(state: State, leaf: Leaf, payload: bytes):
    scope = payloads.Scope.parse(payload)
    _about(scope.subject, leaf)
    organisation = _with_did(state, leaf)
    if leaf.kind == 7:
        obey(organisation.relying_party is None, "AlreadyRegistered")
    else:
        obey(organisation.relying_party is not None, "NotRegistered")
    authority.by_registrar(state, leaf)
    organisation.relying_party = [leaf.payload, scope.certificates, scope.valid_until]
    return _write(state, leaf, organisation)


def _revoke_relying_party(state: State, leaf: Leaf, payload: bytes):
    _about(payloads.Revocation.parse(payload).subject, leaf)
    organisation = _with_did(state, leaf, or_ended=True)
    obey(organisation.relying_party is not None, "NotRegistered")
    authority.by_registrar(state, leaf)
    organisation.relying_party = None
    return _write(state, leaf, organisation)


def _snapshot(state: State, leaf: Leaf, payload: bytes):
    snapshot = payloads.Snapshot.parse(payload)
    _about(snapshot.subject, leaf)
    organisation = _with_did(state, leaf)
    obey(organisation.was_accredited(), "NeverAccredited")
    newest = organisation.snapshot
    obey(newest is None or snapshot.time > newest[2], "SnapshotNotNewer")
    authority.by_subject(state, leaf)
    organisation.snapshot = [snapshot.root, snapshot.size, snapshot.time, state.size, leaf.payload]
    return _write(state, leaf, organisation)


def _map_head(state: State, leaf: Leaf, payload: bytes):
    head = payloads.MapHead.parse(payload)
    obey(head.root == state.map_root, "MapHeadRoot")
    obey(head.size == state.size, "MapHeadSize")
    obey(head.time >= state.map_head_time, "MapHeadTime")
    obey(leaf.authority == [0], "AuthorityForm")

    def change():
        state.map_head, state.map_head_time = leaf.head(state.size), head.time

    return change


RULES = {
    0: _policy,
    1: _did,
    2: _did,
    3: _did,
    4: _did,
    5: _grant,
    6: _revoke_accreditation,
    7: _scope,
    8: _scope,
    9: _revoke_relying_party,
    10: _snapshot,
    11: _map_head,
}
