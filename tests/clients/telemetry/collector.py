"""An OTLP collector for one test: has a service called with trace headers, and looks at what arrives.

usage: collector.py DATELINE
"""

import concurrent.futures
import json
import subprocess
import sys
import threading
import time
import urllib.request

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_grpc

W3C, B3 = "4bf92f3577b34da6a3ce929d0e0e4736", "80f198ee56343ba864fe8b2a57d3eff7"
SPAN = "00f067aa0ba902b7"


class Collector(traces_grpc.TraceServiceServicer, metrics_grpc.MetricsServiceServicer):
    def __init__(self):
        self.spans, self.metrics, self.resource, self.lock = [], set(), {}, threading.Lock()

    def Export(self, request, context):
        with self.lock:
            for resource in getattr(request, "resource_spans", []):
                self.resource = {a.key: a.value.string_value for a in resource.resource.attributes}
                self.spans += [span for scope in resource.scope_spans for span in scope.spans]
            for resource in getattr(request, "resource_metrics", []):
                self.metrics |= {m.name for scope in resource.scope_metrics for m in scope.metrics}
        is_trace = isinstance(request, traces.ExportTraceServiceRequest)
        return traces.ExportTraceServiceResponse() if is_trace else metrics.ExportMetricsServiceResponse()


def check(truth, what):
    if not truth:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok: {what}")


def main():
    collector = Collector()
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    traces_grpc.add_TraceServiceServicer_to_server(collector, server)
    metrics_grpc.add_MetricsServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    command = [sys.argv[1], "serve", "--listen=127.0.0.1:0", "--skip-tests", f"--otlp=http://127.0.0.1:{port}",
               "--metrics-interval=500ms", "--service-name=news", "--drain=0s", "--log-format=json", "--log=debug"]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = []
    reader = threading.Thread(target=lambda: log.extend(service.stderr))
    reader.start()
    address = service.stdout.readline().removeprefix("listening on ").strip()
    for headers in ({"traceparent": f"00-{W3C}-{SPAN}-01"}, {"b3": f"{B3}-{SPAN}-1"}):
        body = json.dumps({"article": {"body": "Iran launched rockets."}}).encode()
        url = f"http://{address}/dateline.v1.ExtractionService/Extract"
        call = urllib.request.Request(url, body, {"content-type": "application/json", **headers})
        check(urllib.request.urlopen(call).status == 200, f"a call with {next(iter(headers))}")
    time.sleep(1)
    service.terminate()
    check(service.wait(timeout=30) == 0, "the service ends in order")
    reader.join()
    for name, trace in (("W3C", W3C), ("b3", B3)):
        own = {span.name: span for span in collector.spans if span.trace_id.hex() == trace}
        call = own.get("dateline.v1.ExtractionService/Extract")
        check(call is not None and call.parent_span_id.hex() == SPAN, f"{name}: the call joins the caller's trace")
        check(call.kind == 2, f"{name}: its span is a server's")
        check({"extract", "rules", "messages", "words", "mentions", "events", "merges"} <= set(own),
              f"{name}: spans of the stages: {sorted(own)}")
        said = {a.key: a.value.string_value for a in call.attributes}
        check(said.get("rpc.response.status_code") == "OK", f"{name}: the span has the status")
    check(collector.resource.get("service.name") == "news", "the resource has the service's name")
    wanted = {"rpc.server.call.duration", "dateline.events", "dateline.ruleset"}
    check(wanted <= collector.metrics, f"metrics arrive: {len(collector.metrics)} kinds")
    check(all(isinstance(json.loads(line), dict) for line in log), f"all {len(log)} lines of the log are JSON")


main()
