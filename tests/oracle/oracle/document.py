"""The keys of a DID document that the ledger keeps. docs/ledger.md §5.1 and §6"""

from __future__ import annotations

from .errors import expect
from .keys import Key

PURPOSES = {"assertionMethod": 1, "capabilityInvocation": 2}


def _absolute(name, subject: str) -> str:
    """A name with the DID that it leaves out."""
    expect(isinstance(name, str), "no id")
    return subject + name if name.startswith("#") else name


def _fragment(method: dict, subject: str) -> str:
    """The fragment of a key of this DID."""
    name, _, fragment = _absolute(method.get("id"), subject).partition("#")
    expect(name == subject and fragment != "", "a key that is not of this DID")
    return fragment


def _key(method: dict) -> Key:
    if method.get("type") in ("JsonWebKey", "JsonWebKey2020"):
        return Key.from_jwk(method.get("publicKeyJwk"))
    expect(method.get("type") == "Multikey", "a key of a kind not in use")
    return Key.from_multikey(method.get("publicKeyMultibase"))


def keys(document: dict) -> dict[str, tuple[int, Key]]:
    """Purposes and key by fragment."""
    subject = document["id"]
    listed = document.get("verificationMethod", [])
    expect(isinstance(listed, list), "verificationMethod")
    methods: dict[str, dict] = {}
    for method in listed:
        expect(isinstance(method, dict), "a verification method")
        methods[_absolute(method.get("id"), subject)] = method
    found: dict[str, tuple[int, Key]] = {}
    for name, purpose in PURPOSES.items():
        entries = document.get(name, [])
        expect(isinstance(entries, list), name)
        for entry in entries:
            method = entry if isinstance(entry, dict) else methods.get(_absolute(entry, subject))
            if method is None:
                # A name that leads to no method names no key.
                continue
            fragment, key = _fragment(method, subject), _key(method)
            purposes, known = found.get(fragment, (0, key))
            expect(known == key, "two keys of one name")
            found[fragment] = (purposes | purpose, key)
    return found
