"""Checks proofs of inclusion with the Merkle verifier of sigstore, and none of our code.

Argument: the folder of an export with proofs.json, the checkpoint already believed.
Prints how many proofs it saw.
"""

import base64
import json
import pathlib
import sys
from types import SimpleNamespace

from sigstore._internal.merkle import verify_merkle_inclusion


def entry(size, root, leaf, proof):
    """As much of an entry of a transparency log as the verifier reads."""
    hashes = [base64.b64decode(one) for one in proof["hashes"]]
    inclusion = SimpleNamespace(log_index=proof["index"], tree_size=size, hashes=hashes, root_hash=root)
    return SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=leaf))


def main():
    folder = pathlib.Path(sys.argv[1])
    _, size, root = (folder / "checkpoint").read_text().split("\n\n")[0].splitlines()
    proofs = json.loads((folder / "proofs.json").read_text())["inclusion"]
    for proof in proofs:
        leaf = bytes.fromhex(proof["leaf"])
        verify_merkle_inclusion(entry(int(size), base64.b64decode(root), leaf, proof))
    print(len(proofs))


main()
