"""The payloads and their schemas. docs/ledger.md §4"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from . import cbor, did, jcs
from .cbor import is_bytes, is_list, is_uint
from .errors import expect
from .keys import Key
from .quorum import COSIGNER_KEY, Quorum, VerifierKey

REASONS = {"ended", "superseded", "key_compromise", "misuse"}
LIMITS = {
    "writes_per_hour",
    "writes_per_day",
    "snapshots_per_hour",
    "did_line_bytes",
    "document_bytes",
    "snapshot_bytes",
}


def localized(value) -> None:
    """`name` and `text`: a text in each language, English always."""
    expect(isinstance(value, dict) and "en" in value, "no English text")
    for language, text in value.items():
        expect(re.fullmatch("[a-z]{2}", language) is not None, "not a language")
        expect(isinstance(text, str) and 1 <= len(text) <= 200, "the length of a text")
        expect(all(unicodedata.category(char) != "Cc" for char in text), "a control character")


def ascending(values: list) -> None:
    """Sorted, none twice."""
    expect(all(a < b for a, b in zip(values, values[1:])), "not sorted, or something twice")


def number(value, low: int = 0, high: int = jcs.LARGEST) -> int:
    """An integer in this range."""
    expect(is_uint(value) and low <= value <= high, "a number out of range")
    return value


def texts(value, low: int, high: int) -> list[str]:
    """A list of so many texts that are not empty."""
    expect(is_list(value) and low <= len(value) <= high, "the length of a list")
    expect(all(isinstance(one, str) and one != "" for one in value), "not a text")
    return value


@dataclass(frozen=True)
class Governance:
    """Keys that sign policies, by thumbprint."""

    keys: dict[bytes, Key]
    next: set[bytes]
    threshold: int

    @staticmethod
    def parse(value) -> Governance:
        """Reads the member `governance`."""
        jcs.members(value, {"keys", "next", "threshold"})
        expect(is_list(value["keys"]) and is_list(value["next"]), "not a list")
        keys = [Key.from_jwk(jwk) for jwk in value["keys"]]
        by_thumbprint = {key.thumbprint(): key for key in keys}
        expect(len(by_thumbprint) == len(keys), "a key twice")
        following = {jcs.from_base64url(one, 32) for one in value["next"]}
        expect(len(following) == len(value["next"]), "a thumbprint twice")
        return Governance(by_thumbprint, following, number(value["threshold"], 1, len(keys)))


@dataclass(frozen=True)
class Policy:
    """§4.1"""

    governance: Governance
    limits: dict[str, int]
    origin: str
    registrars: set[str]
    version: int

    @staticmethod
    def parse(data: bytes) -> Policy:
        """Reads a policy."""
        names = {"governance", "mirrors", "origin", "quorum", "registrars", "trust_pack", "version"}
        value = jcs.members(jcs.payload(data), names, {"limits"})
        limits = jcs.members(value.get("limits", {}), set(), LIMITS)
        for limit in limits.values():
            number(limit)
        pack = jcs.members(value["trust_pack"], {"sha256", "version"})
        jcs.from_base64url(pack["sha256"], 32)
        number(pack["version"], 1)
        expect(isinstance(value["origin"], str) and is_list(value["registrars"]), "a member")
        expect(all(did.is_webvh(one) for one in value["registrars"]), "not a DID")
        check_quorum(value["quorum"], value["mirrors"], value["origin"])
        governance = Governance.parse(value["governance"])
        version = number(value["version"])
        return Policy(governance, limits, value["origin"], set(value["registrars"]), version)

    def cap(self, kind: int, usual: int) -> int:
        """The longest payload of a kind under this policy."""
        names = {1: "did_line_bytes", 2: "did_line_bytes", 3: "did_line_bytes", 4: "did_line_bytes"}
        names |= {5: "document_bytes", 7: "document_bytes", 8: "document_bytes", 10: "snapshot_bytes"}
        return min(usual, self.limits.get(names.get(kind, ""), usual))


def check_quorum(text, mirrors, origin: str) -> Quorum:
    """A quorum of this log, which cannot be met without a mirror."""
    quorum = Quorum(text)
    expect(quorum.log is not None and quorum.log.name == origin, "the quorum of another log")
    expect(is_list(mirrors), "mirrors")
    keys = {VerifierKey.parse(one) for one in mirrors}
    expect(keys <= set(quorum.witnesses.values()), "a mirror that the quorum does not name")
    expect(all(key.algorithm == COSIGNER_KEY for key in keys), "a mirror's key")
    expect(quorum.needs_one_of(keys), "a quorum that needs no mirror")
    return quorum


@dataclass(frozen=True)
class Grant:
    """§4.2"""

    subject: str
    types: list

    @staticmethod
    def parse(data: bytes) -> Grant:
        """Reads an accreditation."""
        value = jcs.members(jcs.payload(data), {"name", "subject", "types"})
        localized(value["name"])
        expect(is_list(value["types"]) and 1 <= len(value["types"]) <= 32, "the number of types")
        types = []
        for one in value["types"]:
            jcs.members(one, {"until", "vct"})
            expect(isinstance(one["vct"], str) and one["vct"] != "", "a vct")
            types.append([one["vct"], number(one["until"])])
        ascending([vct for vct, _ in types])
        expect(did.is_webvh(value["subject"]), "not a DID")
        return Grant(value["subject"], types)


@dataclass(frozen=True)
class Revocation:
    """§4.3"""

    subject: str

    @staticmethod
    def parse(data: bytes) -> Revocation:
        """Reads a revocation."""
        value = jcs.members(jcs.payload(data), {"reason", "subject"})
        expect(isinstance(value["reason"], str) and value["reason"] in REASONS, "a reason")
        expect(did.is_webvh(value["subject"]), "not a DID")
        return Revocation(value["subject"])


@dataclass(frozen=True)
class Scope:
    """§4.4"""

    subject: str
    certificates: list[bytes]
    valid_until: int

    @staticmethod
    def parse(data: bytes) -> Scope:
        """Reads a scope."""
        names = {"access_certificates", "name", "purposes", "subject", "valid_until"}
        value = jcs.members(jcs.payload(data), names)
        localized(value["name"])
        certificates = [jcs.from_base64url(one, 32) for one in texts(value["access_certificates"], 1, 16)]
        ascending(certificates)
        expect(is_list(value["purposes"]) and 1 <= len(value["purposes"]) <= 32, "the number of purposes")
        for purpose in value["purposes"]:
            _purpose(purpose)
        ids = [purpose["id"] for purpose in value["purposes"]]
        expect(len(set(ids)) == len(ids), "a purpose twice")
        expect(did.is_webvh(value["subject"]), "not a DID")
        return Scope(value["subject"], certificates, number(value["valid_until"]))


def _purpose(value) -> None:
    jcs.members(value, {"channel", "credentials", "id", "privacy_policy", "retention_days", "text"})
    expect(value["channel"] in ("online", "in_person"), "a channel")
    expect(isinstance(value["id"], str) and value["id"] != "", "an id")
    https(value["privacy_policy"])
    number(value["retention_days"])
    localized(value["text"])
    expect(is_list(value["credentials"]) and 1 <= len(value["credentials"]) <= 16, "credentials")
    for one in value["credentials"]:
        jcs.members(one, {"needed", "optional", "vct_values"})
        texts(one["vct_values"], 1, jcs.LARGEST)
        for path in [*_paths(one["needed"]), *_paths(one["optional"])]:
            expect(is_list(path) and path != [], "a path")
            expect(all(part is None or isinstance(part, str) or is_uint(part) for part in path), "a path")


def _paths(value) -> list:
    expect(is_list(value), "a list of paths")
    return value


def https(value) -> None:
    """An address."""
    expect(isinstance(value, str) and value.startswith("https://") and len(value) > 8, "an address")


@dataclass(frozen=True)
class Snapshot:
    """§4.5"""

    subject: str
    root: bytes
    size: int
    time: int

    @staticmethod
    def parse(data: bytes) -> Snapshot:
        """Reads a status snapshot."""
        value = jcs.members(jcs.payload(data), {"lists", "root", "size", "subject", "time"})
        expect(is_list(value["lists"]) and len(value["lists"]) <= 1024, "the number of lists")
        for one in value["lists"]:
            jcs.members(one, {"sha256", "uri"})
            jcs.from_base64url(one["sha256"], 32)
            https(one["uri"])
        ascending([one["uri"] for one in value["lists"]])
        expect(did.is_webvh(value["subject"]), "not a DID")
        root = jcs.from_base64url(value["root"], 32)
        return Snapshot(value["subject"], root, number(value["size"]), number(value["time"]))


@dataclass(frozen=True)
class MapHead:
    """§4.6"""

    root: bytes
    size: int
    time: int

    @staticmethod
    def parse(data: bytes) -> MapHead:
        """Reads a map head."""
        item = cbor.decode(data)
        expect(is_list(item, 3) and is_bytes(item[0], 32) and is_uint(item[1]) and is_uint(item[2]), "a map head")
        return MapHead(*item)
