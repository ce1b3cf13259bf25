"""base58btc, and the multihash in it."""

import hashlib

from .errors import Malformed, expect

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SHA2_256 = b"\x12\x20"


def encode(data: bytes) -> str:
    """Bytes as base58btc."""
    number = int.from_bytes(data, "big")
    text = ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def decode(text: str) -> bytes:
    """The bytes of base58btc."""
    number = 0
    for char in text:
        digit = ALPHABET.find(char)
        expect(digit >= 0, "not base58btc")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multihash(data: bytes) -> str:
    """The SHA-256 multihash of bytes."""
    return encode(SHA2_256 + hashlib.sha256(data).digest())


def digest(text) -> bytes:
    """The 32 bytes in a SHA-256 multihash."""
    expect(isinstance(text, str), "not a text")
    data = decode(text)
    if len(data) != 34 or data[:2] != SHA2_256:
        raise Malformed("not a SHA-256 multihash")
    return data[2:]
