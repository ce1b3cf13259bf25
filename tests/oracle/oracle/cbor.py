"""CBOR, as much of it as docs/ledger.md §1 allows."""

from .errors import Malformed, expect

UINT, NEGATIVE, BYTES, TEXT, ARRAY, SIMPLE = 0, 1, 2, 3, 4, 7
CONSTANTS = {20: False, 21: True, 22: None}
# Deeper than anything the page describes.
DEEPEST = 16


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise Malformed("an integer over 64 bits")


def encode(item) -> bytes:
    """The one encoding of an item."""
    if item is None or item is False or item is True:
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[item]
    if isinstance(item, int):
        return _head(UINT, item) if item >= 0 else _head(NEGATIVE, -1 - item)
    if isinstance(item, bytes):
        return _head(BYTES, len(item)) + item
    if isinstance(item, str):
        data = item.encode()
        return _head(TEXT, len(data)) + data
    return _head(ARRAY, len(item)) + b"".join(map(encode, item))


class _Reader:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        expect(count <= len(self.data) - self.at, "the bytes end early")
        self.at += count
        return self.data[self.at - count : self.at]

    def head(self) -> tuple[int, int, int]:
        first = self.take(1)[0]
        major, code = first >> 5, first & 31
        if code < 24:
            return major, code, code
        expect(code in (24, 25, 26, 27), "an indefinite length")
        value = int.from_bytes(self.take(1 << code - 24), "big")
        expect(_head(major, value)[0] == first, "a head that is not the shortest")
        return major, code, value

    def item(self, depth: int = 0):
        expect(depth < DEEPEST, "nested too deeply")
        major, code, value = self.head()
        if major == UINT:
            return value
        if major == NEGATIVE:
            return -1 - value
        if major == BYTES:
            return self.take(value)
        if major == TEXT:
            try:
                return self.take(value).decode()
            except UnicodeDecodeError as error:
                raise Malformed("a text that is not UTF-8") from error
        if major == ARRAY:
            expect(value <= len(self.data) - self.at, "the bytes end early")
            return [self.item(depth + 1) for _ in range(value)]
        expect(major == SIMPLE and code in CONSTANTS, "a type that is not in use")
        return CONSTANTS[code]


def decode(data: bytes):
    """The item, and nothing after it."""
    reader = _Reader(data)
    item = reader.item()
    expect(reader.at == len(data), "bytes after the item")
    return item


def is_uint(item) -> bool:
    """An unsigned integer; Python takes truth for one."""
    return type(item) is int and item >= 0


def is_bytes(item, length: int | None = None) -> bool:
    """A byte string, of this length."""
    return isinstance(item, bytes) and length in (None, len(item))


def is_list(item, length: int | None = None) -> bool:
    """An array, of this length."""
    return isinstance(item, list) and length in (None, len(item))
