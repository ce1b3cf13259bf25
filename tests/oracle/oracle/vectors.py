"""Our own vectors, read by this implementation: `python3 -m oracle.vectors FOLDER`"""

import json
import sys
from pathlib import Path

from . import bundle, leaf
from .errors import Malformed
from .map import ORGANISATION, key_of
from .replay import Replay

NOW = 1_763_640_060


def check_log(log: dict) -> Replay:
    """`log.json`: a whole log with what each entry does."""
    replay = Replay(log["origin"])
    for entry in log["entries"]:
        data = bytes.fromhex(entry["leaf"])
        rule = replay.push(data, bytes.fromhex(entry["payload"]))
        assert (rule or "applied") == entry["outcome"], (entry["name"], rule)
        assert leaf.parse(data).to_be_signed(log["origin"]).hex() == entry["to_be_signed"], entry["name"]
        assert replay.hashes[-1].hex() == entry["leaf_hash"], entry["name"]
        assert replay.log_root().hex() == entry["log_root"], entry["name"]
        assert replay.state.map_root.hex() == entry["map_root"], entry["name"]
    records = {key.hex(): record.hex() for key, record in replay.state.records().items()}
    expected = {one["key"]: one["record"] for one in [*log["organisations"], log["policy"]]}
    assert records == expected
    return replay


def check_bundles(file: dict, replay: Replay) -> None:
    """`bundles.json`: bundles at the end of that log. Each proves something, and nothing with a bit changed."""
    pack = bundle.Pack(file["trust_pack"], NOW)
    for vector in file["bundles"]:
        data = bytes.fromhex(vector["bundle"])
        record, time = bundle.verify(pack, data, vector["did"])
        own = replay.state.records().get(key_of(ORGANISATION, vector["did"]))
        assert (record, time) == (own, int(file["time"])), vector["name"]
        for at in range(0, len(data), 7):
            changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            try:
                assert bundle.verify(pack, changed, vector["did"])[0] == own, (vector["name"], at)
            except Malformed:
                continue


def main() -> None:
    """Every vector of the folder."""
    folder = Path(sys.argv[1])
    log = json.loads((folder / "log.json").read_text())
    bundles = json.loads((folder / "bundles.json").read_text())
    check_bundles(bundles, check_log(log))
    print(f"{len(log['entries'])} entries, {len(bundles['bundles'])} bundles")


main()
