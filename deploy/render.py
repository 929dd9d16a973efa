"""Renders an overlay with kustomize: all of it, and what Kubernetes itself has a schema for.

usage: render.py OVERLAY ALL CORE
"""

import subprocess
import sys

import yaml

# Groups of custom resources: their schemas come with the mesh.
CUSTOM = ("gateway.networking.k8s.io/", "networking.istio.io/", "security.istio.io/")


def main():
    overlay, everything, core = sys.argv[1:]
    text = subprocess.run(["kubectl", "kustomize", overlay], check=True, capture_output=True, text=True).stdout
    with open(everything, "w") as out:
        out.write(text)
    documents = [document for document in yaml.safe_load_all(text) if document]
    with open(core, "w") as out:
        yaml.safe_dump_all((d for d in documents if not d["apiVersion"].startswith(CUSTOM)), out)
    ports = [port for d in documents if d["kind"] == "Service" for port in d["spec"]["ports"] if port["name"] == "grpc"]
    if not ports or any(port.get("appProtocol") != "kubernetes.io/h2c" for port in ports):
        raise SystemExit(f"{overlay}: a port of gRPC without kubernetes.io/h2c, which a mesh takes for opaque TCP")


main()
