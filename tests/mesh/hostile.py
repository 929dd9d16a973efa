"""Peers that mean no good: what they do to the others is measured, and that the service is still there afterwards.

Everything is bounded: a few seconds and at most a few hundred connections of each kind, to a service of our own.
"""

import functools
import gzip
import socket
import struct
import threading
import time

import grpc

from dateline.v1 import extraction_service_pb2 as api
from lab import Replica, check, percentile, request, stub

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = struct.pack(">I", 0)[1:] + b"\x04\x00" + struct.pack(">I", 0)
SECONDS = 6


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def headers(path=b"/dateline.v1.ExtractionService/Extract"):
    pairs = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"a"),
             (b"content-type", b"application/grpc"), (b"te", b"trailers")]
    return b"".join(literal(name, value) for name, value in pairs)


class Peer:
    """A connection that says what it likes; reads nothing unless it is told to."""

    def __init__(self, port, *said):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        for part in said:
            self.say(part)

    def say(self, part):
        try:
            self.socket.sendall(part)
        except OSError:
            pass  # It was let go, as it should be.

    def close(self):
        self.socket.close()


def silent(port):
    return [Peer(port) for _ in range(200)]


def preface_only(port):
    return [Peer(port, PREFACE) for _ in range(200)]


def half_open(port):
    """Calls whose request never comes."""
    peers = []
    for _ in range(10):
        peer = Peer(port, PREFACE, SETTINGS)
        for number in range(100):
            peer.say(frame(1, 4, 2 * number + 1, headers()))
        peers.append(peer)
    return peers


def slow_readers(port):
    """Calls whose answers are never read: windows stay as they are."""
    body = request("Iran launched three rockets on Friday. " * 20).SerializeToString()
    data = b"\x00" + struct.pack(">I", len(body)) + body
    peers = []
    for _ in range(5):
        # A window of one byte for each stream.
        peer = Peer(port, PREFACE, frame(4, 0, 0, struct.pack(">HI", 4, 1)))
        for number in range(20):
            peer.say(frame(1, 4, 2 * number + 1, headers()) + frame(0, 1, 2 * number + 1, data))
        peers.append(peer)
    return peers


def malformed(port):
    """Frames that are none: too long, of an unknown stream, broken headers, and bytes that are no frames at all."""
    wrong = [
        frame(0, 0, 0, b"x"), b"\xff\xff\xff\x00\x00\x00\x00\x00\x01", frame(1, 4, 1, b"\xff" * 50),
        frame(1, 4, 2, headers()), frame(9, 4, 7, b"x" * 100), frame(8, 0, 0, b"\x00" * 4), b"GET / HTTP/9.9\r\n\r\n" * 5,
        frame(1, 4, 1, headers()) + frame(0, 1, 1, b"\x00\xff\xff\xff\xffshort"),
    ]
    return [Peer(port, PREFACE, SETTINGS, part) for part in wrong for _ in range(10)]


def resets(port):
    """Calls that are taken back as soon as they are made."""
    peer = Peer(port, PREFACE, SETTINGS)
    for number in range(2000):
        stream = 2 * number + 1
        peer.say(frame(1, 4, stream, headers()) + frame(3, 0, stream, struct.pack(">I", 8)))
    return [peer]


def thousand_streams(port):
    """A thousand streams of articles that nobody feeds."""
    path = headers(b"/dateline.v1.ExtractionService/ExtractStream")
    peer = Peer(port, PREFACE, SETTINGS)
    for number in range(1000):
        peer.say(frame(1, 4, 2 * number + 1, path))
    return [peer]


def measure(port, seconds):
    """Times of a caller who means well."""
    own, times, end = stub(f"127.0.0.1:{port}"), [], time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        own.Extract(request(), timeout=20)
        times.append(time.monotonic() - begin)
    return times


@functools.cache
def large():
    """A message that is large, and as it is on the wire where it is compressed."""
    message = api.ExtractRequest(article=api.Article(body="a" * (200 << 20))).SerializeToString()
    bomb = gzip.compress(message)
    return message[: 32 << 20], b"\x01" + struct.pack(">I", len(bomb)) + bomb


def bombs(port):
    """Messages that are small on the wire and large in memory, and one that is large on the wire."""
    (message, data), peers = large(), []
    for _ in range(8):
        # The window of a connection holds one bomb.
        peer = Peer(port, PREFACE, SETTINGS, frame(1, 4, 1, headers() + literal(b"grpc-encoding", b"gzip")))
        for at in range(0, len(data), 16384):
            peer.say(frame(0, int(at + 16384 >= len(data)), 1, data[at : at + 16384]))
        peers.append(peer)
    call = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary("/dateline.v1.ExtractionService/Extract")
    try:
        call(message, timeout=20)
        check(False, "an oversize message is refused")
    except grpc.RpcError as error:
        check(error.code() == grpc.StatusCode.OUT_OF_RANGE, f"an oversize message is refused: {error.code()}")
    return peers


def main():
    # Beforehand, for it takes this process seconds in which it measures nothing.
    large()
    with Replica("--handshake=2s", "--max-connections=1000") as replica:
        measure(replica.port, 2)
        quiet = measure(replica.port, SECONDS)
        before = percentile(quiet, 0.99)
        print(f"alone: p50 {percentile(quiet, 0.5) * 1000:.1f} ms, p99 {before * 1000:.1f} ms")
        for attack in (silent, preface_only, half_open, slow_readers, malformed, resets, thousand_streams, bombs):
            begin, peers = replica.resident(), []
            starter = threading.Thread(target=lambda: peers.extend(attack(replica.port)))
            starter.start()
            times = measure(replica.port, SECONDS)
            starter.join()
            p99, grown = percentile(times, 0.99), (replica.resident() - begin) / (1 << 20)
            for peer in peers:
                peer.close()
            # Ten milliseconds of what else the machine does are nobody's fault.
            check(p99 < 2 * before + 0.01, f"{attack.__name__}: p99 {p99 * 1000:.1f} ms, memory {grown:+.0f} MiB")
        check(replica.metric("dateline_panics_total") == 0, "nothing panicked")
        time.sleep(3)
        open_ = replica.metric("dateline_connections_active")
        check(open_ < 20, f"the peers are gone: {open_:.0f} connections are open")
        check(replica.stop() == 0, "the service ends in order")


if __name__ == "__main__":
    main()
