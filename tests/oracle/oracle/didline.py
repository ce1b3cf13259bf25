"""One line of a did:webvh log: what it says, and whether it follows. did:webvh 1.0"""

from __future__ import annotations

import copy
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone

from . import base58, did, jcs
from .errors import Malformed, expect
from .keys import EDDSA, Key

MEMBERS = {"versionId", "versionTime", "parameters", "state", "proof"}
PARAMETERS = {
    "method",
    "scid",
    "updateKeys",
    "nextKeyHashes",
    "portable",
    "deactivated",
    "witness",
    "watchers",
    "ttl",
}
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def instant(text) -> tuple[int, int]:
    """Seconds and nanoseconds of a time in UTC."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    expect(found is not None, "not a time")
    try:
        moment = datetime.fromisoformat(found.group(1)).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Malformed("not a time") from error
    return int(moment.timestamp()), int((found.group(2) or "").ljust(9, "0"))


@dataclass(frozen=True)
class Before:
    """What a line must follow: the state in the record. docs/ledger.md §6"""

    number: int
    entry_hash: bytes
    time: tuple[int, int]
    next: list[bytes]

    def version_id(self) -> str:
        """The versionId of that line."""
        return f"{self.number}-{base58.encode(base58.SHA2_256 + self.entry_hash)}"


class Line:
    """A line that reads. Nothing of it is checked."""

    def __init__(self, data: bytes):
        self.value = jcs.members(jcs.strict(data), MEMBERS)
        version = self.value["versionId"]
        expect(isinstance(version, str) and re.fullmatch(r"[1-9][0-9]*-[A-Za-z0-9]+", version) is not None, "versionId")
        number, _, entry_hash = version.partition("-")
        self.number, self.entry_hash = int(number), base58.digest(entry_hash)
        self.time = instant(self.value["versionTime"])
        self.parameters = self._parameters()
        self.document = self.value["state"]
        expect(isinstance(self.document, dict) and did.is_webvh(self.document.get("id")), "the document has no id")
        self.did: str = self.document["id"]
        self.deactivates: bool = self.parameters.get("deactivated", False)

    def _parameters(self) -> dict:
        parameters = jcs.members(self.value["parameters"], set(), PARAMETERS)
        for name in ("updateKeys", "nextKeyHashes", "watchers"):
            listed = parameters.get(name, [])
            expect(isinstance(listed, list) and all(isinstance(one, str) for one in listed), name)
        for name in ("portable", "deactivated"):
            expect(isinstance(parameters.get(name, False), bool), name)
        expect(parameters.get("method", "did:webvh:1.0") == "did:webvh:1.0", "method")
        expect(isinstance(parameters.get("witness", {}), dict), "witness")
        return parameters

    def next_key_hashes(self) -> list[str]:
        """What the next line's update keys must hash to."""
        return self.parameters.get("nextKeyHashes", [])

    def _unproved(self, version_id: str) -> dict:
        entry = {name: value for name, value in self.value.items() if name != "proof"}
        return entry | {"versionId": version_id}

    def verify_first(self) -> None:
        """The first line of a log."""
        scid = self.parameters.get("scid")
        expect(isinstance(scid, str) and "method" in self.parameters, "a parameter is missing")
        expect(self.number == 1, "the version number does not follow")
        template = jcs.canonical(self._unproved("{SCID}")).replace(scid.encode(), b"{SCID}")
        expect(base58.multihash(template) == scid, "the SCID does not match")
        expect(did.scid(self.did) == scid, "the SCID of the document is another")
        expect(self.parameters.get("updateKeys", []) != [], "a parameter is missing")
        self._verify_hash(scid)
        self._verify_proofs()

    def verify_next(self, before: Before) -> None:
        """A line after this one. Every line before it promised keys: docs/ledger.md §5.1."""
        expect(self.number == before.number + 1, "the version number does not follow")
        expect(self.time > before.time, "the time does not increase")
        expect("scid" not in self.parameters, "scid is set again")
        expect(not self.parameters.get("portable", False), "portable is set after the first line")
        keys = self.parameters.get("updateKeys", [])
        expect(keys != [] and "nextKeyHashes" in self.parameters, "pre-rotation needs both key lists")
        promised = {hashlib.sha256(key.encode()).digest() for key in keys}
        expect(promised <= set(before.next), "an update key was not promised")
        self._verify_hash(before.version_id())
        self._verify_proofs()

    def _verify_hash(self, version_before: str) -> None:
        own = hashlib.sha256(jcs.canonical(self._unproved(version_before))).digest()
        expect(own == self.entry_hash, "the entry hash does not match")

    def _verify_proofs(self) -> None:
        proofs = self.value["proof"]
        proofs = proofs if isinstance(proofs, list) else [proofs]
        expect(proofs != [], "the entry has no proof")
        for proof in proofs:
            self._verify_proof(proof)

    def _verify_proof(self, proof) -> None:
        """Data Integrity EdDSA Cryptosuites 1.0, eddsa-jcs-2022"""
        expect(isinstance(proof, dict), "a proof")
        expected = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod"}
        expect(expected.items() <= proof.items(), "a proof of another suite")
        method, value = proof.get("verificationMethod"), proof.get("proofValue")
        expect(isinstance(method, str) and isinstance(value, str) and value.startswith("z"), "a proof")
        name, _, multikey = method.partition("#")
        expect(name == f"did:key:{multikey}", "a key of another kind")
        expect(multikey in self.parameters["updateKeys"], "not by an active update key")
        options = copy.copy(proof)
        del options["proofValue"]
        entry = self._unproved(self.value["versionId"])
        message = b"".join(hashlib.sha256(jcs.canonical(part)).digest() for part in (options, entry))
        key = Key.from_multikey(multikey)
        expect(key.alg == EDDSA and key.verifies(base58.decode(value[1:]), message), "the proof does not verify")
