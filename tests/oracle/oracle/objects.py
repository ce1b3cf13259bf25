"""Payloads of what organisations publish. docs/ledger.md §4.7 to §4.12"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from . import did, jcs, subjects
from .errors import expect
from .words import UINT32, ascending, impersonal, items, label, number, paths, public_link, token

NAME = "[A-Za-z_][A-Za-z0-9_]{0,63}"
TYPES = {"bool", "int", "string", "date", "strings", "ints"}


@dataclass(frozen=True)
class Published:
    """Its subject, what the record says of it, and what it supersedes."""

    subject: str
    detail: object = None
    supersedes: bytes | None = None


def _members(data: bytes, required: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict:
    value = jcs.members(jcs.payload(data), required | {"subject"}, optional)
    expect(isinstance(value["subject"], str), "no subject")
    expect(None not in value.values(), "null where a member is left out")
    return value


def schema(data: bytes) -> Published:
    """§4.7"""
    value = _members(data, {"claims", "metadata", "name"})
    label(value["name"])
    jcs.from_base64url(value["metadata"], 32)
    seen = []
    for claim in items(value["claims"], 1, 128):
        jcs.members(claim, {"name", "path", "sd"})
        label(claim["name"])
        paths([claim["path"]], 1, 1)
        expect(claim["sd"] in ("always", "allowed", "never"), "sd")
        expect(claim["path"] not in seen, "a path twice")
        seen.append(claim["path"])
    return Published(value["subject"])


def rule(data: bytes) -> Published:
    """§4.8"""
    value = _members(data, {"claims", "expression", "name", "queries", "subset"})
    label(value["name"])
    claims, expression = value["claims"], value["expression"]
    expect(isinstance(claims, dict) and 1 <= len(claims) <= 64, "the number of claims")
    expect(all(re.fullmatch(rf"{NAME}\.{NAME}", name) for name in claims), "the name of a claim")
    expect(all(isinstance(kind, str) and kind in TYPES for kind in claims.values()), "the type of a claim")
    expect(isinstance(expression, str) and 1 <= len(expression.encode()) <= 1024, "the length of the expression")
    expect(not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in expression), "a control character")
    impersonal(expression)
    expect(number(value["subset"]) == 1, "another subset")
    for query in items(value["queries"], 1, 16):
        jcs.members(query, {"id", "vct_values"})
        ascending([token(vct) for vct in items(query["vct_values"], 1, 16)])
    ids = [token(query["id"]) for query in value["queries"]]
    ascending(ids)
    expect(set(ids) == {name.partition(".")[0] for name in claims}, "other queries than the claims name")
    hashed = jcs.canonical({name: value[name] for name in ("claims", "expression", "subset")})
    return Published(value["subject"], hashlib.sha256(b"holdfast/rule/v1\n" + hashed).digest())


def service(data: bytes) -> Published:
    """§4.9"""
    optional = {"fee", "page", "rule", "time_limit_days", "until"}
    value = _members(data, {"competent", "complaints", "legal_basis", "name", "text"}, optional)
    expect(did.is_did(value["competent"]), "not a DID")
    for address in ("complaints", "page"):
        if address in value:
            public_link(value[address])
    for words in ("name", "text"):
        label(value[words])
    for basis in items(value["legal_basis"], 1, 16):
        jcs.members(basis, {"name", "uri"})
        label(basis["name"])
        public_link(basis["uri"])
    if "fee" in value:
        fee = jcs.members(value["fee"], {"amount", "currency"})
        number(fee["amount"], 1)
        expect(isinstance(fee["currency"], str) and re.fullmatch("[A-Z]{3}", fee["currency"]), "a currency")
    if "rule" in value:
        named = jcs.members(value["rule"], {"hash", "subject"})
        jcs.from_base64url(named["hash"], 32)
        expect(subjects.follows(named["subject"], "rule"), "not a rule")
    number(value.get("time_limit_days", 0), 0, 3650)
    number(value.get("until", 0))
    return Published(value["subject"])


def document(data: bytes) -> Published:
    """§4.10"""
    value = _members(data, {"length", "media_type", "sha256", "title"}, {"supersedes", "uri"})
    number(value["length"])
    token(value["media_type"])
    label(value["title"])
    if "uri" in value:
        public_link(value["uri"])
    before = jcs.from_base64url(value["supersedes"], 32) if "supersedes" in value else None
    return Published(value["subject"], jcs.from_base64url(value["sha256"], 32), before)


def release(data: bytes) -> Published:
    """§4.12"""
    value = _members(data, {"artifacts", "version"})
    for one in items(value["artifacts"], 1, 256):
        jcs.members(one, {"name", "sha256", "size"})
        token(one["name"])
        jcs.from_base64url(one["sha256"], 32)
        number(one["size"])
    ascending([one["name"] for one in value["artifacts"]])
    number_text = "(0|[1-9][0-9]*)"
    version = value["version"]
    found = re.fullmatch(rf"{number_text}\.{number_text}\.{number_text}", version) if isinstance(version, str) else None
    expect(found is not None, "a version")
    return Published(value["subject"], [number(int(part), 0, UINT32) for part in found.groups()])


@dataclass(frozen=True)
class Audit:
    """§4.11"""

    subject: str
    begins: int
    until: int
    root: bytes
    size: int

    @staticmethod
    def parse(data: bytes) -> Audit:
        """Reads an audit snapshot."""
        value = _members(data, {"from", "root", "size", "until"})
        expect(did.is_did(value["subject"]), "not a DID")
        begins, until = number(value["from"]), number(value["until"])
        expect(begins < until, "it ends before it begins")
        return Audit(value["subject"], begins, until, jcs.from_base64url(value["root"], 32), number(value["size"]))
