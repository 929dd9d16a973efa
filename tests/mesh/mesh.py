"""Two replicas behind sidecars with mutual TLS and health checks by gRPC: a rolling restart under load, and faults."""

import json
import pathlib
import subprocess
import tempfile
import time
import urllib.request

from lab import Load, Replica, check, free_port

GRPC = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
}
EXTENSIONS = "type.googleapis.com/envoy.extensions"


def certificates(folder):
    """An authority, and one certificate for both ends, by the openssl of the system."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
            "-subj", "/CN=authority")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tls.key", "-out", "tls.csr", "-subj", "/CN=dateline")
    (folder / "names").write_text("subjectAltName=DNS:dateline\n")
    openssl("x509", "-req", "-in", "tls.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tls.crt",
            "-days", "2", "-extfile", "names")


def tls(folder, kind):
    common = {
        "tls_certificates": [{
            "certificate_chain": {"filename": str(folder / "tls.crt")},
            "private_key": {"filename": str(folder / "tls.key")},
        }],
        "validation_context": {"trusted_ca": {"filename": str(folder / "ca.crt")}},
        "alpn_protocols": ["h2"],
    }
    own = {"@type": f"{EXTENSIONS}.transport_sockets.tls.v3.{kind}TlsContext", "common_tls_context": common}
    if kind == "Downstream":
        own["require_client_certificate"] = True
    else:
        own["sni"] = "dateline"
    return {"name": "envoy.transport_sockets.tls", "typed_config": own}


def endpoint(port):
    return {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}


def cluster(ports, **more):
    return {
        "name": "service", "type": "STATIC", "connect_timeout": "2s", "typed_extension_protocol_options": GRPC,
        "load_assignment": {"cluster_name": "service", "endpoints": [{"lb_endpoints": [endpoint(p) for p in ports]}]},
        **more,
    }


def listener(port, filters, route, **chain):
    manager = {
        "@type": f"{EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in", "codec_type": "AUTO", "http2_protocol_options": {},
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "service", "timeout": "30s", **route}}]}]},
        "http_filters": [*filters, {"name": "envoy.filters.http.router", "typed_config": {
            "@type": f"{EXTENSIONS}.filters.http.router.v3.Router"}}],
    }
    return {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager", "typed_config": manager}], **chain}],
    }


class Sidecar:
    def __init__(self, folder, name, listener, cluster):
        self.admin = free_port()
        config = {
            "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": self.admin}}},
            "static_resources": {"listeners": [listener], "clusters": [cluster]},
        }
        path = folder / f"{name}.json"
        path.write_text(json.dumps(config))
        self.log = folder / f"{name}.log"
        command = ["envoy", "-c", str(path), "--disable-hot-restart", "--concurrency", "1", "-l", "warning"]
        self.process = subprocess.Popen(command, stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def __enter__(self):
        for _ in range(300):
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/ready").status == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("a sidecar did not start: " + self.log.read_text()[-4000:])

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def stat(self, name):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/stats?filter={name}").read().decode()
        return sum(int(line.rsplit(": ", 1)[1]) for line in text.splitlines())


def inbound(folder, number, port, replica):
    """The sidecar of a replica: ends TLS, and breaks what callers ask it to break."""
    fault = {"name": "envoy.filters.http.fault", "typed_config": {
        "@type": f"{EXTENSIONS}.filters.http.fault.v3.HTTPFault",
        "abort": {"header_abort": {}, "percentage": {"numerator": 100}}}}
    return Sidecar(folder, f"in-{number}", listener(port, [fault], {}, transport_socket=tls(folder, "Downstream")),
                   cluster([replica.port]))


def outbound(folder, port, targets):
    """The sidecar of callers: balances, checks health, tries again."""
    retries = {"retry_policy": {
        "retry_on": "unavailable,resource-exhausted,connect-failure,refused-stream,reset-before-request",
        "num_retries": 12, "retry_back_off": {"base_interval": "0.01s", "max_interval": "0.2s"},
        "host_selection_retry_max_attempts": 3}}
    health = [{"timeout": "1s", "interval": "0.3s", "no_traffic_interval": "0.3s", "unhealthy_threshold": 1,
               "healthy_threshold": 1, "grpc_health_check": {"service_name": "dateline.v1.ExtractionService"}}]
    # Many tries at once are what this is about; the default of three would end them.
    breakers = {"thresholds": [{"max_retries": 1000}]}
    return Sidecar(folder, "out", listener(port, [], retries), cluster(
        targets, health_checks=health, transport_socket=tls(folder, "Upstream"), circuit_breakers=breakers,
        lb_policy="LEAST_REQUEST", common_lb_config={"healthy_panic_threshold": {"value": 0}}))


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mesh-"))
    certificates(folder)
    ports, front = [free_port(), free_port()], free_port()
    with (
        Replica("--drain=2s") as one, Replica("--drain=2s") as two,
        inbound(folder, 1, ports[0], one), inbound(folder, 2, ports[1], two),
        outbound(folder, front, ports) as out,
    ):
        time.sleep(1)
        address = f"127.0.0.1:{front}"
        with Load(address) as load:
            time.sleep(2)
            for replica in (one, two, one, two):
                replica.restart()
                time.sleep(1.5)
        check(load.calls > 100 and not load.errors,
              f"rolling restart of two replicas, twice: {load.calls} calls, {len(load.errors)} failed {load.errors[:3]}")
        faults = [("x-envoy-fault-abort-grpc-request", "14"), ("x-envoy-fault-abort-request-percentage", "20")]
        before = out.stat("cluster.service.upstream_rq_retry$")
        with Load(address, metadata=faults) as load:
            time.sleep(10)
        tries = out.stat("cluster.service.upstream_rq_retry$") - before
        check(tries > load.calls / 10, f"faults are injected: {tries} tries more for {load.calls} calls")
        check(not load.errors, f"20 % of faults, with retries: {len(load.errors)} failed {load.errors[:3]}")


if __name__ == "__main__":
    main()
