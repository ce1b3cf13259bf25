"""Answers for histories, a line of JSON each: which rule each entry breaks, the map root after it, the records at the end."""

import json
import sys

from .replay import Replay


def answer(history: dict) -> dict:
    """What the history comes to."""
    replay = Replay(history["origin"])
    answers = []
    for entry in history["entries"]:
        rule = replay.push(bytes.fromhex(entry["leaf"]), bytes.fromhex(entry["payload"]))
        answers.append([rule, replay.state.map_root.hex()])
    records = {key.hex(): record.hex() for key, record in replay.state.records().items()}
    return {"answers": answers, "log_root": replay.log_root().hex(), "records": records}


def main() -> None:
    """From standard input to standard output."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
