"""Starts services, asks them, counts what comes back: what the proofs have in common."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

import grpc

from dateline.v1 import extraction_service_pb2 as api
from dateline.v1 import extraction_service_pb2_grpc as service

DATELINE = os.environ["DATELINE"]
SENTENCE = "North Korea launched two missiles on Friday, officials in Seoul said, and Poland arrested three smugglers. "
# About 3 kB, as news are.
ARTICLE = "SEOUL. " + SENTENCE + (
    "The talks between the two countries about trade will go on next week, a spokesman of the ministry told reporters. " * 25
)


def check(truth, what):
    if not truth:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok: {what}", flush=True)


def free_port():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


class Replica:
    """A service on fixed ports, so that it can be started again in the same place."""

    def __init__(self, *arguments, port=None, tests=False):
        self.port, self.admin = port or free_port(), free_port()
        self.arguments = arguments if tests else ("--skip-tests", *arguments)
        self.log = tempfile.NamedTemporaryFile(prefix="dateline-", suffix=".log")
        self.start()

    def start(self):
        command = [DATELINE, "serve", f"--listen=127.0.0.1:{self.port}", f"--admin=127.0.0.1:{self.admin}"]
        self.process = subprocess.Popen([*command, *self.arguments], stdout=subprocess.DEVNULL, stderr=self.log)
        for _ in range(600):
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz").status == 200:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("the service did not start: " + pathlib.Path(self.log.name).read_text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def restart(self):
        check(self.stop() == 0, "a replica ends in order")
        self.start()

    def metric(self, name):
        """The sum of a metric over its labels that match."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics").read().decode()
        values = re.findall(rf"^{re.escape(name.split('{')[0])}(?:{{[^}}]*}})? (\S+)$", text, re.M)
        return sum(float(value) for value in values)

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def stub(address):
    # Channels of one process share connections unless they are told not to.
    channel = grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])
    return service.ExtractionServiceStub(channel)


def request(body=ARTICLE):
    return api.ExtractRequest(article=api.Article(id="a", body=body))


class Load:
    """Callers that call one after the other until they are told to stop."""

    def __init__(self, address, callers=4, metadata=(), timeout=20):
        self.calls, self.errors, self.times = 0, [], []
        self.lock, self.done = threading.Lock(), threading.Event()
        self.arguments = dict(metadata=metadata, timeout=timeout)
        self.threads = [threading.Thread(target=self.call, args=(address,)) for _ in range(callers)]

    def call(self, address):
        own = stub(address)
        while not self.done.is_set():
            begin = time.monotonic()
            try:
                own.Extract(request(), **self.arguments)
                error = None
            except grpc.RpcError as failed:
                error = f"{failed.code()}: {failed.details()}"
            with self.lock:
                self.calls += 1
                self.times.append(time.monotonic() - begin)
                if error:
                    self.errors.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
