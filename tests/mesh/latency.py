"""Latency of a 3 kB article in an open loop at 25, 50 and 75 % of saturation, and what the service costs beside the work.

Times count from when a call should have been made, so that a queue shows. The caller shares the cores with the service.
"""

import concurrent.futures
import json
import subprocess
import tempfile
import time

import grpc

from lab import ARTICLE, DATELINE, Load, Replica, check, percentile, request, stub

SECONDS = 10


def open_loop(address, rate):
    own, times, errors = [stub(address) for _ in range(4)], [], []

    def call(number, due):
        try:
            own[number % len(own)].Extract(request(), timeout=20)
        except grpc.RpcError as error:
            errors.append(error.code())
        times.append(time.monotonic() - due)

    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for number in range(int(rate * SECONDS)):
            due = begin + number / rate
            time.sleep(max(0, due - time.monotonic()))
            pool.submit(call, number, due)
    check(not errors, f"{len(times)} calls, {len(errors)} failed {errors[:3]}")
    return times


def in_process(count):
    """Seconds on cores an article, through `dateline extract`: the difference of many articles and few."""

    def cpu(articles):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            for number in range(articles):
                file.write(json.dumps({"id": str(number), "body": ARTICLE}) + "\n")
            file.flush()
            command = ["bash", "-c", 'TIMEFORMAT="%U %S"; time "$0" extract "$1" --format jsonl >/dev/null', DATELINE, file.name]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
            return sum(map(float, said.split()[-2:]))

    return (cpu(count + 50) - cpu(50)) / count


def main():
    with Replica() as replica:
        address = f"127.0.0.1:{replica.port}"
        with Load(address, callers=8) as load:
            time.sleep(SECONDS)
        saturation = load.calls / SECONDS
        print(f"saturation: {saturation:.0f} calls a second, callers on the same cores")
        for share in (0.25, 0.5, 0.75):
            times = open_loop(address, share * saturation)
            p50, p99 = percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000
            print(f"{share:.0%}: {len(times)} calls, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        added = []
        for _ in range(5):
            before, count = replica.cpu(), 300
            own = stub(address)
            for _ in range(count):
                own.Extract(request(), timeout=20)
            served = (replica.cpu() - before) / count
            bare = in_process(count)
            added.append(served - bare)
            print(f"on cores: {served * 1e6:.0f} µs a call, {bare * 1e6:.0f} µs the work alone")
        print(f"the service adds {sorted(added)[2] * 1e6:.0f} µs (median of five)")


if __name__ == "__main__":
    main()
