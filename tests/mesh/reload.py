"""What callers feel of a reload: 200 calls a second, of each the time from when it should have been made, before rules
change and while they change all the time.

RELOAD_SECONDS says how long each part takes; 20 where it is not set. Nothing may fail, and p99 may be half as long again.
Callers share the cores with the service, so that both parts are measured three times, in turn.
"""

import asyncio
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import grpc

from dateline.v1 import extraction_service_pb2_grpc as service
from lab import Replica, check, percentile, request

RATE = 200
SECONDS = float(os.environ.get("RELOAD_SECONDS", "20")) / 3
TEXT = (
    "SEOUL, March 18 (Reuters) - North Korea launched two ballistic missiles into the Sea of Japan on Friday, South Korea's "
    "military said. Tokyo condemned the launches."
)
# Seconds between changes.
EVERY = 0.8
LOADS = "dateline_rules_loads_total"
PACK = pathlib.Path(__file__).parent.parent / "data" / "shipping"


class Part:
    def __init__(self, name):
        self.name, self.times, self.errors, self.reloads = name, [], [], 0


async def calls(stub, part):
    async def call(due):
        try:
            reply = await stub.Extract(request(TEXT), timeout=20)
            if not reply.events:
                part.errors.append("no event")
        except grpc.RpcError as error:
            part.errors.append(str(error.code()))
        part.times.append(time.monotonic() - due)

    begin, pending = time.monotonic(), []
    for number in range(int(RATE * SECONDS)):
        due = begin + number / RATE
        await asyncio.sleep(max(0, due - time.monotonic()))
        pending.append(asyncio.create_task(call(due)))
    await asyncio.gather(*pending)


def edits(manifest):
    """Changes a pack again and again, each time before the change before can be live for long."""
    text = manifest.read_text()
    while True:
        minor = int(re.search(r'version\s*=\s*"0\.(\d+)\.', text)[1])
        text = text.replace(f'"0.{minor}.', f'"0.{minor + 1}.')
        manifest.write_text(text)
        time.sleep(EVERY)


async def measure(replica, manifest):
    quiet, busy = Part("before"), Part("during")
    async with grpc.aio.insecure_channel(f"127.0.0.1:{replica.port}") as channel:
        stub = service.ExtractionServiceStub(channel)
        await calls(stub, Part("to begin with"))
        for _ in range(3):
            await calls(stub, quiet)
            before = replica.metric(LOADS)
            # In a process of its own, for the callers must not feel it.
            editing = subprocess.Popen([sys.executable, __file__, str(manifest)])
            await calls(stub, busy)
            editing.kill()
            editing.wait()
            busy.reloads += int(replica.metric(LOADS) - before)
            # What was begun ends.
            await asyncio.sleep(3)
    return quiet, busy


def main():
    with tempfile.TemporaryDirectory() as folder:
        pack = pathlib.Path(folder) / "shipping"
        shutil.copytree(PACK, pack)
        with Replica(f"--rules={folder}", tests=True) as replica:
            parts = asyncio.run(measure(replica, pack / "pack.toml"))
        for part in parts:
            p50, p99, most = (percentile(part.times, share) * 1000 for share in (0.5, 0.99, 1))
            print(f"{part.name}: {len(part.times)} calls, p50 {p50:.2f} ms, p99 {p99:.2f} ms, slowest {most:.2f} ms", flush=True)
        quiet, busy = parts
        check(not quiet.errors + busy.errors, f"no call failed {(quiet.errors + busy.errors)[:3]}")
        check(busy.reloads > 0, f"{busy.reloads} reloads")
        ratio = percentile(busy.times, 0.99) / percentile(quiet.times, 0.99)
        check(ratio <= 1.5, f"p99 during reloads is {ratio:.2f} times that before")


if __name__ == "__main__":
    edits(pathlib.Path(sys.argv[1])) if len(sys.argv) > 1 else main()
