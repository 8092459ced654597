"""Loses packets: a filter of the kernel on a socket throws away, by chance, some of the segments that arrive."""

from __future__ import annotations

import ctypes
import socket
import struct

ATTACH, DETACH = 26, 27  # SO_ATTACH_FILTER and SO_DETACH_FILTER, see socket(7).
RANDOM_WORD = 0x1_0000_0000 - 0x1000 + 56  # SKF_AD_OFF + SKF_AD_RANDOM, where a classic filter loads a random word.


def lose(listener: socket.socket, share: float) -> None:
    """Lose a share of what arrives on a socket and on the connections that are accepted from now on.

    What was lost is sent again by TCP, after 0.2 s within a connection and after 1 s when it opens one.
    """
    program = [
        (0x20, 0, 0, RANDOM_WORD),  # load a random word
        (0x35, 0, 1, int(share * 2**32)),  # at least the share? then the next step, else the one after it
        (0x06, 0, 0, 0xFFFF_FFFF),  # keep all of the segment
        (0x06, 0, 0, 0),  # keep nothing
    ]
    steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    listener.setsockopt(socket.SOL_SOCKET, ATTACH, struct.pack("HL", len(program), ctypes.addressof(steps)))


def lose_nothing(listener: socket.socket) -> None:
    listener.setsockopt(socket.SOL_SOCKET, DETACH, 0)
