"""What a Prometheus takes in, taken apart again by a reader written from the two formats."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.app import remote_write
from afterword.core.promql.track import STALE, Track, labels_of


def unpacked(body: bytes) -> bytes:
    """A block of snappy that holds literals only."""
    size, at = varint(body, 0)
    made = b""
    while at < len(body):
        assert body[at] == 61 << 2
        length = struct.unpack_from("<H", body, at + 1)[0] + 1
        made += body[at + 3 : at + 3 + length]
        at += 3 + length
    assert len(made) == size
    return made


def varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (body[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not body[at - 1] & 0x80:
            return value, at


def fields(body: bytes) -> list[tuple[int, bytes | int | float]]:
    made: list[tuple[int, bytes | int | float]] = []
    at = 0
    while at < len(body):
        key, at = varint(body, at)
        if key & 7 == 2:
            size, at = varint(body, at)
            made.append((key >> 3, body[at : at + size]))
            at += size
        elif key & 7 == 1:
            made.append((key >> 3, struct.unpack_from("<d", body, at)[0]))
            at += 8
        else:
            value, at = varint(body, at)
            made.append((key >> 3, value - (1 << 64) if value >> 63 else value))
    return made


@given(
    st.lists(
        st.tuples(
            st.integers(1_772_000_000_000, 1_772_100_000_000) | st.integers(-(10**6), 10**6), st.floats(allow_nan=False)
        ),
        max_size=30,
    ),
    st.text(min_size=1, max_size=300),
)
def test_labels_and_samples_arrive_as_they_were(samples: list[tuple[int, float]], value: str) -> None:
    samples = sorted(dict(samples).items())
    at = np.array([at for at, _ in samples], dtype=np.int64) * 1_000_000
    track = Track(labels_of({"__name__": "x", "l": value}), at, np.array([v for _, v in samples], dtype=np.float64))
    found = [message for body in remote_write.requests([track]) for _, message in fields(unpacked(body))]
    got = []
    for message in found:
        for number, part in fields(message):
            assert isinstance(part, bytes)
            if number == 2:
                got.append((dict(fields(part))[2], dict(fields(part))[1]))
            else:
                assert tuple(one.decode() for _, one in fields(part)) in track.labels
    assert got == samples
    assert len(found) <= len(samples)


def test_stretches_come_in_the_order_of_time() -> None:
    """Half of two series each, then the other halves: nothing that a server would have to sort in."""
    hours = 1_772_359_200_000_000_000 + np.arange(0, 2 * 3600, 60, dtype=np.int64) * 1_000_000_000
    tracks = [Track(labels_of({"__name__": name}), hours, np.zeros(len(hours))) for name in "xy"]
    (body,) = remote_write.requests(tracks)
    firsts = []
    for _, message in fields(unpacked(body)):
        assert isinstance(message, bytes)
        samples = [part for number, part in fields(message) if number == 2]
        assert isinstance(samples[0], bytes)
        firsts.append(dict(fields(samples[0]))[2])
    assert firsts == sorted(firsts)
    assert len(firsts) == 6


def test_the_mark_of_an_end_keeps_its_bits_and_much_is_sent_in_pieces() -> None:
    many = 400_000
    track = Track(labels_of({"__name__": "x"}), np.arange(many, dtype=np.int64), np.full(many, STALE))
    bodies = list(remote_write.requests([track]))
    assert len(bodies) > 1
    assert struct.pack("<Q", 0x7FF0000000000002) in bodies[0]
    assert max(map(len, bodies)) < 2 * remote_write.MOST
