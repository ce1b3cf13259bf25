"""Proof bundle and trust pack. docs/ledger.md §8 and §9"""

from __future__ import annotations

import base64
import hashlib

from . import cbor, jcs, leaf, payloads, record
from . import map as maps
from .cbor import is_bytes, is_list, is_uint
from .errors import expect
from .keys import EDDSA, ES256, Key
from .quorum import VerifierKey
from .replay import root_of_last

PACK = {"expires", "governance", "log_key", "mirrors", "mode", "name", "origin", "policy", "version"}


class Pack:
    """A first trust pack, checked."""

    def __init__(self, text: str, now: int):
        file = jcs.members(jcs.strict(text.encode()), {"pack", "signatures"})
        pack = jcs.members(file["pack"], PACK)
        governance = payloads.Governance.parse(pack["governance"])
        message = b"holdfast/trust-pack/v1\n" + jcs.canonical(pack)
        signed = set()
        for one in file["signatures"]:
            jcs.members(one, {"alg", "key", "sig"})
            key = governance.keys.get(jcs.from_base64url(one["key"], 32))
            if key is not None:
                expect(one["alg"] == {ES256: "ES256", EDDSA: "EdDSA"}.get(key.alg), "another algorithm")
                expect(key.verifies(jcs.from_base64url(one["sig"], 64), message), "a signature")
                signed.add(key)
        expect(len(signed) >= governance.threshold, "too few signatures")
        expect(pack["expires"] > now, "an expired pack")
        self.origin: str = pack["origin"]
        self.log = VerifierKey.parse(pack["log_key"])
        self.quorum = payloads.check_quorum(pack["policy"], pack["mirrors"], self.origin)
        expect(self.quorum.log == self.log, "another log's quorum")


def _checkpoint(pack: Pack, item) -> tuple[int, bytes, int]:
    """Size, root and quorum time."""
    expect(is_list(item, 4) and is_uint(item[0]) and is_bytes(item[1], 32) and is_bytes(item[2], 64), "a checkpoint")
    size, root, signature, cosignatures = item
    note = f"{pack.origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    expect(Key(EDDSA, pack.log.key).verifies(signature, note), "the log's signature")
    times: dict[VerifierKey, int] = {}
    by_id = {key.id: key for key in pack.quorum.witnesses.values()}
    expect(is_list(cosignatures), "cosignatures")
    for one in cosignatures:
        expect(is_list(one, 3) and is_bytes(one[0], 4) and is_uint(one[1]) and is_bytes(one[2], 64), "a cosignature")
        key = by_id.get(one[0])
        if key is not None:
            message = f"cosignature/v1\ntime {one[1]}\n".encode() + note
            expect(Key(EDDSA, key.key).verifies(one[2], message), "a cosignature")
            times[key] = max(one[1], times.get(key, 0))
    return size, root, _quorum_time(pack, times)


def _quorum_time(pack: Pack, times: dict[VerifierKey, int]) -> int:
    for time in sorted(set(times.values()), reverse=True):
        if pack.quorum.is_met({key for key, own in times.items() if own >= time}):
            return time
    expect(False, "no quorum")
    raise AssertionError


def verify(pack: Pack, data: bytes, did: str) -> tuple[bytes | None, int]:
    """The newest record of the subject, or that there is none; and the quorum time."""
    item = cbor.decode(data)
    expect(is_list(item, 8) and item[0] == 1 and all(is_bytes(item[at]) for at in (2, 3, 4)), "a bundle")
    _, checkpoint, head_leaf, head_payload, path, proof, own, blobs = item
    expect(own is None or is_bytes(own), "a record")
    expect(is_list(blobs) and len(blobs) <= 8 and all(map(is_bytes, blobs)), "blobs")
    size, root, time = _checkpoint(pack, checkpoint)
    read = leaf.parse(head_leaf)
    expect(read.kind == leaf.MAP_HEAD and read.subject == pack.origin, "no map head of this log")
    expect(read.authority == [0], "no map head of this log")
    expect(read.payload == [hashlib.sha256(head_payload).digest(), len(head_payload)], "another payload")
    head = payloads.MapHead.parse(head_payload)
    expect(head.size == size - 1, "a map head of another size")
    expect(len(path) % 32 == 0 and root_of_last(head_leaf, size, path) == root, "inclusion")
    expect(own is None or record.about(own) == did, "a record of somebody else")
    value = None if own is None else hashlib.sha256(own).digest()
    maps.verify(proof, head.root, maps.key_of(maps.ORGANISATION, did), value)
    named = record.named_blobs(own) if own is not None else set()
    expect(all(hashlib.sha256(blob).digest() in named for blob in blobs), "a blob that the record does not name")
    return own, time
