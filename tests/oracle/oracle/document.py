"""The keys of a DID document that the ledger keeps. docs/ledger.md §5.1 and §6"""

from __future__ import annotations

from .errors import expect
from .keys import Key

PURPOSES = {"assertionMethod": 1, "capabilityInvocation": 2}


def _method_id(value, subject: str) -> str:
    """The fragment of a key of this DID."""
    expect(isinstance(value, str), "no id")
    name, sharp, fragment = value.partition("#")
    expect(sharp == "#" and fragment != "" and name in ("", subject), "a key that is not of this DID")
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
        if isinstance(method.get("id"), str):
            methods[method["id"].rpartition("#")[2]] = method
    found: dict[str, tuple[int, Key]] = {}
    for name, purpose in PURPOSES.items():
        entries = document.get(name, [])
        expect(isinstance(entries, list), name)
        for entry in entries:
            embedded = isinstance(entry, dict)
            fragment = _method_id(entry.get("id") if embedded else entry, subject)
            method = entry if embedded else methods.get(fragment)
            if method is None:
                # A name that leads nowhere names no key.
                continue
            key = _key(method)
            purposes, known = found.get(fragment, (0, key))
            expect(known == key, "two keys of one name")
            found[fragment] = (purposes | purpose, key)
    return found
