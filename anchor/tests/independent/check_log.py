"""Checks an exported log with the Python standard library and `cryptography`, and none of our code.

Written from c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles and RFC 6962 alone.
Arguments: the folder of the export, then verifier keys that must all have signed.
Prints the size of the tree.
"""

import base64
import hashlib
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def parse_vkey(vkey):
    name, key_id, material = vkey.split("+", 2)
    material = base64.b64decode(material, validate=True)
    derived = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    assert derived.hex() == key_id, "the key id is not that of the key"
    return name, derived, material[0], Ed25519PublicKey.from_public_bytes(material[1:])


def check_signature(text, lines, vkey):
    name, key_id, kind, key = parse_vkey(vkey)
    for line in lines:
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if dash != "\u2014" or signer != name or signature[:4] != key_id:
            continue
        if kind == 1:
            key.verify(signature[4:], text.encode())
        elif kind == 4:
            (time,) = struct.unpack(">Q", signature[4:12])
            key.verify(signature[12:], f"cosignature/v1\ntime {time}\n{text}".encode())
        else:
            raise ValueError("unknown signature type")
        return
    raise ValueError(f"{name} has not signed")


def merkle_root(leaves):
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


def read_entries(folder, size):
    entries = []
    while len(entries) < size:
        number, width = len(entries) // 256, min(256, size - len(entries))
        assert number < 1000, "this check reads short logs only"
        name = f"{number:03}" if width == 256 else f"{number:03}.p/{width}"
        bundle = (folder / "tile" / "entries" / name).read_bytes()
        for _ in range(width):
            (length,) = struct.unpack(">H", bundle[:2])
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        assert not bundle, "more entries than the width says"
    return entries


def main():
    folder = pathlib.Path(sys.argv[1])
    note = (folder / "checkpoint").read_text()
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    for vkey in sys.argv[2:]:
        check_signature(text, signatures.splitlines(), vkey)
    _, size, root = text.splitlines()
    entries = read_entries(folder, int(size))
    assert merkle_root(entries) == base64.b64decode(root), "the root is not that of the entries"
    print(len(entries))


main()
