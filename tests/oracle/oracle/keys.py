"""Public keys: JWK, Multikey, and what they sign."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from . import base58, jcs
from .errors import Malformed, expect

ES256, EDDSA = -7, -8
_ED25519_KEY, _P256_KEY = b"\xed\x01", b"\x80\x24"
# What the suites allow beside the key itself. RFC 7517 §4
_FURTHER = {"alg", "use", "kid", "key_ops"}


@dataclass(frozen=True)
class Key:
    """A P-256 point, compressed, or an Ed25519 key. docs/ledger.md §6"""

    alg: int
    bytes: bytes

    @staticmethod
    def from_jwk(jwk, bare: bool = False) -> Key:
        """A public key from its JWK; bare: with nothing beside the key."""
        expect(isinstance(jwk, dict), "not a JWK")
        further = set() if bare else _FURTHER
        if (jwk.get("kty"), jwk.get("crv")) == ("OKP", "Ed25519"):
            jcs.members(jwk, {"kty", "crv", "x"}, further)
            return Key(EDDSA, jcs.from_base64url(jwk["x"], 32))
        expect((jwk.get("kty"), jwk.get("crv")) == ("EC", "P-256"), "a key that is not in use")
        jcs.members(jwk, {"kty", "crv", "x", "y"}, further)
        x, y = (jcs.from_base64url(jwk[name], 32) for name in ("x", "y"))
        return Key(ES256, bytes([2 + y[-1] % 2]) + x)._on_curve(y)

    def _on_curve(self, y: bytes) -> Key:
        try:
            numbers = self._point().public_numbers()
        except ValueError as error:
            raise Malformed("not on the curve") from error
        expect(numbers.y == int.from_bytes(y, "big"), "not on the curve")
        return self

    @staticmethod
    def from_multikey(text) -> Key:
        """A public key from its Multikey."""
        expect(isinstance(text, str) and text.startswith("z"), "not a Multikey")
        data = base58.decode(text[1:])
        if data[:2] == _ED25519_KEY and len(data) == 34:
            return Key(EDDSA, data[2:])
        expect(data[:2] == _P256_KEY and len(data) == 35, "a key that is not in use")
        return Key(ES256, data[2:])

    def _point(self) -> ec.EllipticCurvePublicKey:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.bytes)

    def thumbprint(self) -> bytes:
        """RFC 7638"""
        if self.alg == EDDSA:
            jwk = {"crv": "Ed25519", "kty": "OKP", "x": jcs.base64url(self.bytes)}
        else:
            point = self._point().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            x, y = jcs.base64url(point[1:33]), jcs.base64url(point[33:])
            jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        return hashlib.sha256(jcs.canonical(jwk)).digest()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature, `r || s` for P-256."""
        if len(signature) != 64:
            return False
        try:
            if self.alg == EDDSA:
                ed25519.Ed25519PublicKey.from_public_bytes(self.bytes).verify(signature, message)
            else:
                r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
                der = utils.encode_dss_signature(r, s)
                self._point().verify(der, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True
