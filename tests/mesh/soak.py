"""A soak at three quarters of saturation: no error, and memory that does not grow.

SOAK_MINUTES says how long; ten where it is not set.
"""

import concurrent.futures
import os
import time

import grpc

from lab import Load, Replica, check, request, stub

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))


def main():
    with Replica() as replica:
        address = f"127.0.0.1:{replica.port}"
        with Load(address, callers=8) as load:
            time.sleep(10)
        saturation = load.calls / 10
        rate = 0.75 * saturation
        print(f"saturation {saturation:.0f} calls a second; the soak makes {rate:.0f}")
        stubs = [stub(address) for _ in range(4)]
        calls, errors, samples = 0, [], []

        def call(number):
            try:
                stubs[number % len(stubs)].Extract(request(), timeout=20)
                return None
            except grpc.RpcError as error:
                return f"{error.code()}: {error.details()}"

        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            pending = []
            while (now := time.monotonic()) < begin + 60 * MINUTES:
                due = begin + calls / rate
                if due > now:
                    time.sleep(min(due - now, 0.05))
                    continue
                pending.append(pool.submit(call, calls))
                calls += 1
                if calls % 50 == 0:
                    samples.append((now - begin, replica.resident()))
                    done = [one for one in pending if one.done()]
                    errors += [one.result() for one in done if one.result()]
                    pending = [one for one in pending if not one.done()]
            errors += [one.result() for one in pending if one.result()]
        window = min(60, 60 * MINUTES / 4)
        first = [size for at, size in samples if at < window]
        last = [size for at, size in samples if at > samples[-1][0] - window]
        first, last = sum(first) / len(first), sum(last) / len(last)
        check(not errors, f"{calls} calls in {MINUTES:g} minutes, {len(errors)} failed {errors[:3]}")
        grown = last / first - 1
        check(grown < 0.05, f"memory: {first / 2**20:.1f} MiB at first, {last / 2**20:.1f} MiB at last ({grown:+.1%})")


if __name__ == "__main__":
    main()
