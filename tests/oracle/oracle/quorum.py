"""The quorum text. C2SP tlog-policy, and the key names of signed-note"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from .errors import Malformed, expect

LOG_KEY, COSIGNER_KEY = 1, 4


@dataclass(frozen=True)
class VerifierKey:
    """A vkey: name, key id, algorithm, Ed25519 key."""

    name: str
    id: bytes
    algorithm: int
    key: bytes

    @staticmethod
    def parse(text) -> VerifierKey:
        """Reads `name+id+base64(algorithm || key)`."""
        expect(isinstance(text, str), "not a text")
        parts = text.split("+", 2)
        expect(len(parts) == 3 and parts[0] != "", "not a vkey")
        name, key_id, encoded = parts
        try:
            data = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise Malformed("not a vkey") from error
        expect(len(data) == 33, "a key that is not in use")
        own = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        expect(own.hex() == key_id, "the id of another key")
        return VerifierKey(name, own, data[0], data[1:])


class Quorum:
    """Who must have signed."""

    def __init__(self, text):
        expect(isinstance(text, str), "not a text")
        self.log: VerifierKey | None = None
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, tuple[int, list[str]]] = {}
        self.rule: str | None = None
        for line in text.split("\n"):
            words = line.split()
            if words and not words[0].startswith("#"):
                self._line(words)
        expect(self.log is not None and self.rule is not None, "a policy without log or quorum")

    def _line(self, words: list[str]) -> None:
        expect(len(words) >= 2, "a line of a policy")
        what, name, *rest = words
        if what == "log":
            expect(self.log is None, "more than one log")
            self.log = VerifierKey.parse(name)
            expect(self.log.algorithm == LOG_KEY, "not the key of a log")
        elif what == "witness":
            expect(self._is_new(name) and rest != [], "a witness")
            key = VerifierKey.parse(rest[0])
            expect(key.algorithm == COSIGNER_KEY, "not the key of a cosigner")
            self.witnesses[name] = key
        elif what == "group":
            expect(self._is_new(name) and len(rest) >= 2, "a group")
            count, *of = rest
            expect(all(not self._is_new(one) for one in of), "a group of what is not there")
            numbers = {"any": 1, "all": len(of)}
            wanted = numbers.get(count) or (int(count) if count.isascii() and count.isdigit() else 0)
            expect(1 <= wanted <= len(of), "a group that nobody can be")
            self.groups[name] = (wanted, of)
        else:
            expect(what == "quorum" and rest == [] and self.rule is None, "a line of a policy")
            expect(name == "none" or not self._is_new(name), "a quorum of what is not there")
            self.rule = name

    def _is_new(self, name: str) -> bool:
        return name != "none" and name not in self.witnesses and name not in self.groups

    def is_met(self, signed: set[VerifierKey]) -> bool:
        """Whether these cosigners are enough."""
        return self.rule == "none" or self._met(self.rule, signed)

    def _met(self, name: str, signed: set[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        wanted, of = self.groups[name]
        return sum(self._met(one, signed) for one in of) >= wanted

    def needs_one_of(self, mirrors: set[VerifierKey]) -> bool:
        """Whether it is not met by everybody but these."""
        return not self.is_met(set(self.witnesses.values()) - mirrors)
