"""Who may write: the authority of a leaf. docs/ledger.md §3 and §5"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import jcs
from .errors import Malformed, obey
from .keys import Key
from .leaf import Leaf

if TYPE_CHECKING:
    from .payloads import Governance
    from .state import State


def _one_signature(leaf: Leaf) -> list:
    obey(leaf.authority[0] == 2, "AuthorityForm")
    obey(len(leaf.authority[1]) == 1, "SignatureCount")
    return leaf.authority[1][0]


def _signer(signature: list) -> tuple[str, str]:
    """DID and fragment of the key that is named."""
    name, sharp, fragment = signature[0].partition("#")
    obey(sharp == "#", "SignerUnknown")
    return name, fragment


def _verify(origin: str, leaf: Leaf, signature: list, key: Key) -> None:
    obey(signature[1] == key.alg, "SignatureAlgorithm")
    obey(key.verifies(signature[2], leaf.to_be_signed(origin)), "SignatureInvalid")


def _by_ledger_key(state: State, leaf: Leaf, signature: list, name: str, fragment: str) -> None:
    obey(name in state.organisations, "SignerUnknown")
    signer = state.organisations[name]
    obey(not signer.deactivated, "SignerDeactivated")
    _verify(state.origin, leaf, signature, signer.ledger_key(fragment))


def by_registrar(state: State, leaf: Leaf) -> None:
    """One signature by a registrar that the policy in force names."""
    signature = _one_signature(leaf)
    name, fragment = _signer(signature)
    obey(state.is_registrar(name), "SignerNotRegistrar")
    _by_ledger_key(state, leaf, signature, name, fragment)


def by_owner(state: State, leaf: Leaf, owner: str) -> None:
    """One signature by who stands in the subject. §5.8"""
    signature = _one_signature(leaf)
    name, fragment = _signer(signature)
    obey(name == owner, "SignerNotOwner")
    _by_ledger_key(state, leaf, signature, name, fragment)


def by_two_registrars(state: State, leaf: Leaf) -> None:
    """Two signatures, by two registrars. §5.3"""
    obey(leaf.authority[0] == 2, "AuthorityForm")
    obey(len(leaf.authority[1]) == 2, "SignatureCount")
    signers = [_signer(signature) for signature in leaf.authority[1]]
    obey(signers[0][0] != signers[1][0], "SuccessionOneRegistrar")
    for signature, (name, fragment) in zip(leaf.authority[1], signers):
        obey(state.is_registrar(name), "SignerNotRegistrar")
        _by_ledger_key(state, leaf, signature, name, fragment)


def by_release_key(state: State, leaf: Leaf) -> None:
    """One signature by a release key of the policy in force. §5.8"""
    signature = _one_signature(leaf)
    named = {jcs.base64url(thumbprint): key for thumbprint, key in state.policy.release_keys.items()}
    obey(signature[0] in named, "ReleaseKeyNotNamed")
    _verify(state.origin, leaf, signature, named[signature[0]])


def by_subject(state: State, leaf: Leaf) -> None:
    """One signature by the subject itself."""
    signature = _one_signature(leaf)
    name, fragment = _signer(signature)
    obey(name == leaf.subject, "SignerNotSubject")
    _by_ledger_key(state, leaf, signature, name, fragment)


def by_governance(origin: str, leaf: Leaf, own: Governance, before: Governance | None) -> None:
    """Enough keys of this policy, and of the one before. §5.2"""
    obey(leaf.authority[0] == 2, "AuthorityForm")
    known = (before.keys if before else {}) | own.keys
    signed = set()
    for signature in leaf.authority[1]:
        try:
            thumbprint = jcs.from_base64url(signature[0], 32)
        except Malformed:
            continue
        key = known.get(thumbprint)
        if key and signature[1] == key.alg and key.verifies(signature[2], leaf.to_be_signed(origin)):
            signed.add(thumbprint)
    obey(len(signed & set(own.keys)) >= own.threshold, "GovernanceOwnThreshold")
    if before is not None:
        obey(len(signed & set(before.keys)) >= before.threshold, "GovernancePreviousThreshold")
