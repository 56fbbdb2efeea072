"""An ONNX file of one matrix product, written byte by byte: the ``onnx`` package is an extra.

The format is protocol buffers: a field's number and kind, then a number or so many bytes. The
field numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

import numpy as np

_FLOAT, _OPSET, _IR = 1, 13, 8
_NUMBER, _BYTES = 0, 2


def matmul_onnx(side: int) -> bytes:
    """Return a network with input ``x`` and output ``y = x · w``, 1×side×side float32.

    ``w`` is part of the file, as weights are, so that a backend may lay it out as suits it. Its
    entries are of both signs and small: sums stay far from overflow.
    """
    rng = np.random.default_rng(0)
    weights = (rng.random((side, side), np.float32) - 0.5) / side
    tensor = _number(1, side) + _number(1, side) + _number(2, _FLOAT)
    tensor += _bytes(8, b"w") + _bytes(9, weights.astype("<f4").tobytes())
    node = _bytes(1, b"x") + _bytes(1, b"w") + _bytes(2, b"y") + _bytes(4, b"MatMul")
    graph = _bytes(1, node) + _bytes(2, b"matmul") + _bytes(5, tensor)
    graph += _bytes(11, _square(b"x", side)) + _bytes(12, _square(b"y", side))
    return _number(1, _IR) + _bytes(8, _number(2, _OPSET)) + _bytes(7, graph)


def _square(name: bytes, side: int) -> bytes:
    """Return a ValueInfoProto of 1×side×side float32: engines count items along the first."""
    sides = [_bytes(1, _number(1, length)) for length in (1, side, side)]
    kind = _bytes(1, _number(1, _FLOAT) + _bytes(2, b"".join(sides)))
    return _bytes(1, name) + _bytes(2, kind)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3 | _NUMBER) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | _BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
