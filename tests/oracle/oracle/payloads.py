"""The payloads and their schemas. docs/ledger.md §4"""

from __future__ import annotations

from dataclasses import dataclass

from . import cbor, did, jcs
from .cbor import is_bytes, is_list, is_uint
from .errors import expect
from .keys import Key
from .quorum import COSIGNER_KEY, LOG_KEY, Quorum, VerifierKey
from .words import UINT32, ascending, items, link, localized, number, paths, token

REASONS = {"ended", "superseded", "key_compromise", "misuse"}
LIMITS = {
    "writes_per_hour",
    "writes_per_day",
    "snapshots_per_hour",
    "registrar_writes_per_hour",
    "registrar_writes_per_day",
    "did_line_bytes",
    "document_bytes",
    "snapshot_bytes",
}
# Kinds whose payloads `document_bytes` caps.
DOCUMENTS = {5, 7, 8, 12, 13, 14, 15, 16, 17, 18, 20}


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
        keys = keys_by_thumbprint(value["keys"])
        following = [jcs.from_base64url(one, 32) for one in items(value["next"], 0, 16)]
        ascending(following)
        return Governance(keys, set(following), number(value["threshold"], 1, len(keys)))


def keys_by_thumbprint(value) -> dict[bytes, Key]:
    """1 to 16 JWK, sorted by thumbprint."""
    keys = [Key.from_jwk(jwk, bare=True) for jwk in items(value, 1, 16)]
    thumbprints = [key.thumbprint() for key in keys]
    ascending(thumbprints)
    return dict(zip(thumbprints, keys))


def other_log(value, origin: str, further: frozenset[str] = frozenset()) -> dict | None:
    """The log before or after this one."""
    if value is None:
        return None
    jcs.members(value, {"log_key", "origin"} | further)
    key = VerifierKey.parse(value["log_key"])
    expect(key.algorithm == LOG_KEY and key.name == value["origin"] != origin, "not another log")
    if further:
        jcs.from_base64url(value["root"], 32)
        number(value["size"], 1)
    return value


@dataclass(frozen=True)
class Policy:
    """§4.1"""

    governance: Governance
    limits: dict[str, int]
    origin: str
    registrars: set[str]
    version: int
    predecessor: dict | None
    successor: dict | None
    release_keys: dict[bytes, Key]

    @staticmethod
    def parse(data: bytes) -> Policy:
        """Reads a policy."""
        names = {"governance", "mirrors", "origin", "quorum", "registrars", "trust_pack", "version"}
        value = jcs.members(jcs.payload(data), names, {"limits", "predecessor", "release_keys", "successor"})
        expect(None not in value.values(), "null where a member is left out")
        pack = jcs.members(value["trust_pack"], {"sha256", "version"})
        jcs.from_base64url(pack["sha256"], 32)
        number(pack["version"], 0)
        origin = value["origin"]
        expect(isinstance(origin, str) and all(map(did.is_did, items(value["registrars"], 1, 64))), "a member")
        ascending(value["registrars"])
        check_quorum(value["quorum"], value["mirrors"], origin)
        return Policy(
            governance=Governance.parse(value["governance"]),
            limits=_limits(value.get("limits", {})),
            origin=origin,
            registrars=set(value["registrars"]),
            version=number(value["version"]),
            predecessor=other_log(value.get("predecessor"), origin, frozenset({"root", "size"})),
            successor=other_log(value.get("successor"), origin),
            release_keys=keys_by_thumbprint(value["release_keys"]) if "release_keys" in value else {},
        )

    def cap(self, kind: int, usual: int) -> int:
        """The longest payload of a kind under this policy."""
        if kind in (1, 2, 3, 4):
            lower = self.limits.get("did_line_bytes", usual)
        elif kind == 10:
            lower = self.limits.get("snapshot_bytes", usual)
        else:
            lower = self.limits.get("document_bytes", usual) if kind in DOCUMENTS else usual
        return min(usual, lower)


def _limits(value) -> dict[str, int]:
    jcs.members(value, set(), LIMITS)
    for name, limit in value.items():
        number(limit, 0, jcs.LARGEST if name.endswith("_bytes") else UINT32)
    return value


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
    succeeds: str | None

    @staticmethod
    def parse(data: bytes) -> Grant:
        """Reads an accreditation."""
        value = jcs.members(jcs.payload(data), {"name", "subject", "types"}, {"succeeds"})
        localized(value["name"])
        types = []
        for one in items(value["types"], 1, 32):
            jcs.members(one, {"until", "vct"})
            types.append([token(one["vct"]), number(one["until"])])
        ascending([vct for vct, _ in types])
        expect(did.is_did(value["subject"]), "not a DID")
        expect("succeeds" not in value or did.is_did(value["succeeds"]), "not a DID")
        return Grant(value["subject"], types, value.get("succeeds"))


@dataclass(frozen=True)
class Revocation:
    """§4.3"""

    subject: str

    @staticmethod
    def parse(data: bytes) -> Revocation:
        """Reads a revocation."""
        value = jcs.members(jcs.payload(data), {"reason", "subject"})
        expect(isinstance(value["reason"], str) and value["reason"] in REASONS, "a reason")
        expect(did.is_did(value["subject"]), "not a DID")
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
        certificates = [jcs.from_base64url(one, 32) for one in items(value["access_certificates"], 1, 16)]
        ascending(certificates)
        for purpose in items(value["purposes"], 1, 32):
            _purpose(purpose)
        ids = [purpose["id"] for purpose in value["purposes"]]
        expect(len(set(ids)) == len(ids), "a purpose twice")
        expect(did.is_did(value["subject"]), "not a DID")
        return Scope(value["subject"], certificates, number(value["valid_until"]))


def _purpose(value) -> None:
    names = {"channel", "credentials", "id", "privacy_policy", "retention_days", "text"}
    jcs.members(value, names, {"rule"})
    if "rule" in value:
        jcs.from_base64url(value["rule"], 32)
    expect(value["channel"] in ("online", "in_person"), "a channel")
    token(value["id"])
    link(value["privacy_policy"])
    number(value["retention_days"], 0, UINT32)
    localized(value["text"])
    for one in items(value["credentials"], 1, 16):
        jcs.members(one, {"needed", "optional", "vct_values"}, {"claim_sets"})
        for vct in items(one["vct_values"], 1, 16):
            token(vct)
        count = len(paths(one["needed"], 0, 128)) + len(paths(one["optional"], 0, 128))
        expect(count <= 128, "the number of paths")
        if "claim_sets" in one:
            _claim_sets(one["claim_sets"], one["needed"], one["optional"])


def _claim_sets(value, needed: list, optional: list) -> None:
    sets = items(value, 2, 16)
    for one in sets:
        paths(one, 0, 128)
        expect(all(path in needed + optional for path in one), "a set of what is not named")
        expect(all(path in one for path in needed), "a set without what is needed")
        expect(all(path not in one[:at] for at, path in enumerate(one)), "a path twice in a set")
    for at, one in enumerate(sets):
        others = sets[:at] + sets[at + 1 :]
        expect(not any(all(path in other for path in one) for other in others), "a set in another")
    in_all = [path for path in optional if all(path in one for one in sets)]
    expect(not in_all, "what may be left out is in all sets")
    expect([len(one) for one in sets] == sorted(len(one) for one in sets), "the order of sets")


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
        for one in items(value["lists"], 0, 1024):
            jcs.members(one, {"sha256", "uri"})
            jcs.from_base64url(one["sha256"], 32)
            link(one["uri"])
        ascending([one["uri"] for one in value["lists"]])
        expect(did.is_did(value["subject"]), "not a DID")
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
