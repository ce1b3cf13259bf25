"""What each kind asks for, and what it changes. docs/ledger.md §5.2 to §5.8"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import authority, lines, objects, payloads, subjects
from .errors import obey
from .leaf import KINDS, Leaf
from .record import Object
from .subject import about, with_did, write

if TYPE_CHECKING:
    from .state import State

# From the map head before it, until a succession counts: 72 hours.
WAIT = 259200


def _policy(state: State, leaf: Leaf, payload: bytes):
    policy = payloads.Policy.parse(payload)
    obey(policy.origin == state.origin, "PolicyOrigin")
    before = state.policy
    obey(policy.version == (before.version + 1 if before else 1), "PolicyVersion")
    obey(before is None or policy.predecessor == before.predecessor, "PredecessorDiffers")
    governance = policy.governance
    if before is not None:
        known = set(before.governance.keys) | before.governance.next
        obey(set(governance.keys) <= known, "GovernanceKeyNotAnnounced")
    authority.by_governance(state.origin, leaf, governance, before.governance if before else None)

    def change():
        state.policy, state.policy_payload, state.policy_head = policy, leaf.payload, leaf.head(state.size)

    return change


def _grant(state: State, leaf: Leaf, payload: bytes):
    grant = payloads.Grant.parse(payload)
    about(grant.subject, leaf)
    organisation = with_did(state, leaf)
    if grant.succeeds is None:
        # What a succession before it said stays.
        said = organisation.accreditation[2:] if organisation.accreditation else []
        authority.by_registrar(state, leaf)
    else:
        said = _succession(state, leaf, grant.succeeds)
    organisation.accreditation = [grant.types, leaf.payload, *said]
    return write(state, leaf, organisation)


def _succession(state: State, leaf: Leaf, succeeds: str) -> list:
    """From when it counts, and for whom the subject goes on. §5.3"""
    obey(succeeds != leaf.subject, "SuccessionOfItself")
    obey(succeeds in state.organisations, "SuccessionUnknown")
    obey(state.organisations[succeeds].was_accredited(), "SuccessionNeverAccredited")
    obey(state.map_head is not None, "SuccessionBeforeMapHead")
    authority.by_two_registrars(state, leaf)
    return [state.map_head_time + WAIT, succeeds]


def _revoke_accreditation(state: State, leaf: Leaf, payload: bytes):
    about(payloads.Revocation.parse(payload).subject, leaf)
    organisation = with_did(state, leaf, or_ended=True)
    obey(organisation.accreditation is not None, "NotAccredited")
    authority.by_registrar(state, leaf)
    organisation.accreditation = None
    return write(state, leaf, organisation)


def _scope(state: State, leaf: Leaf, payload: bytes):
    scope = payloads.Scope.parse(payload)
    about(scope.subject, leaf)
    organisation = with_did(state, leaf)
    if leaf.kind == 7:
        obey(organisation.relying_party is None, "AlreadyRegistered")
    else:
        obey(organisation.relying_party is not None, "NotRegistered")
    authority.by_registrar(state, leaf)
    organisation.relying_party = [leaf.payload, scope.certificates, scope.valid_until]
    return write(state, leaf, organisation)


def _revoke_relying_party(state: State, leaf: Leaf, payload: bytes):
    about(payloads.Revocation.parse(payload).subject, leaf)
    organisation = with_did(state, leaf, or_ended=True)
    obey(organisation.relying_party is not None, "NotRegistered")
    authority.by_registrar(state, leaf)
    organisation.relying_party = None
    return write(state, leaf, organisation)


def _snapshot(state: State, leaf: Leaf, payload: bytes):
    snapshot = payloads.Snapshot.parse(payload)
    about(snapshot.subject, leaf)
    organisation = with_did(state, leaf)
    obey(organisation.was_accredited(), "NeverAccredited")
    newest = organisation.snapshot
    obey(newest is None or snapshot.time > newest[2], "SnapshotNotNewer")
    authority.by_subject(state, leaf)
    organisation.snapshot = [snapshot.root, snapshot.size, snapshot.time, state.size, leaf.payload]
    return write(state, leaf, organisation)


def _audit(state: State, leaf: Leaf, payload: bytes):
    audit = objects.Audit.parse(payload)
    about(audit.subject, leaf)
    organisation = with_did(state, leaf)
    obey(organisation.was_accredited(), "NeverAccredited")
    if organisation.audit is not None:
        _, size, until, *_ = organisation.audit
        obey(audit.begins == until, "AuditSnapshotGap")
        obey(audit.size >= size, "AuditSnapshotSmaller")
    authority.by_subject(state, leaf)
    organisation.audit = [audit.root, audit.size, audit.until, state.size, leaf.payload]
    return write(state, leaf, organisation)


def _object(state: State, leaf: Leaf, payload: bytes):
    """Schema, rule, service, document, release. §5.8"""
    kind = KINDS[leaf.kind]
    published = getattr(objects, kind.word)(payload)
    about(published.subject, leaf)
    before = state.objects.get(leaf.subject)
    if leaf.kind in (12, 14, 16):
        obey(before is None, "AlreadyPublished")
    elif leaf.kind in (13, 15, 17):
        obey(before is not None, "NotPublished")
    elif kind.word == "document":
        obey(published.supersedes == (before.detail if before else None), "DocumentSupersedes")
    else:
        obey(before is None or published.detail > before.detail, "ReleaseNotNewer")
    if kind.word == "release":
        authority.by_release_key(state, leaf)
    else:
        authority.by_owner(state, leaf, subjects.owner(leaf.subject))
    record = Object(kind.family, leaf.subject, leaf.payload, published.detail, leaf.head(state.size))

    def change():
        state.objects[leaf.subject] = record

    return change


def _map_head(state: State, leaf: Leaf, payload: bytes):
    head = payloads.MapHead.parse(payload)
    obey(head.root == state.map_root, "MapHeadRoot")
    obey(head.size == state.size, "MapHeadSize")
    obey(head.time >= state.map_head_time, "MapHeadTime")
    obey(leaf.authority == [0], "AuthorityForm")

    def change():
        state.map_head, state.map_head_time = leaf.head(state.size), head.time

    return change


OF_KIND = {
    0: _policy,
    **dict.fromkeys((1, 2, 3, 4), lines.rule),
    5: _grant,
    6: _revoke_accreditation,
    7: _scope,
    8: _scope,
    9: _revoke_relying_party,
    10: _snapshot,
    11: _map_head,
    **dict.fromkeys((12, 13, 14, 15, 16, 17, 18, 20), _object),
    19: _audit,
}
