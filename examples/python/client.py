"""Prints the events of a text file.

    pip install grpcio grpcio-tools
    python -m grpc_tools.protoc -I ../../proto --python_out=gen --grpc_python_out=gen $(cd ../../proto && find . -name '*.proto')
    PYTHONPATH=gen python client.py 127.0.0.1:50051 article.txt 2016-03-25
"""

import sys

import grpc

from dateline.events.v1 import civil_pb2, material_pb2, verbal_pb2, weapons_pb2
from dateline.v1 import extraction_service_pb2 as api
from dateline.v1 import extraction_service_pb2_grpc as service

# A call that never ran may be made again, and one that was turned away when the service says so.
RETRIES = """{"methodConfig": [{
  "name": [{"service": "dateline.v1.ExtractionService"}],
  "timeout": "30s",
  "retryPolicy": {
    "maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]
  }
}]}"""
MODULES = (civil_pb2, material_pb2, verbal_pb2, weapons_pb2)
TYPES = {d.full_name: getattr(m, n) for m in MODULES for n, d in m.DESCRIPTOR.message_types_by_name.items()}


def main():
    address, path, published = sys.argv[1:]
    article = api.Article(id=path, body=open(path, encoding="utf-8").read())
    article.published_at.FromJsonString(f"{published}T12:00:00Z")
    with grpc.insecure_channel(address, options=[("grpc.service_config", RETRIES)]) as channel:
        response = service.ExtractionServiceStub(channel).Extract(api.ExtractRequest(article=article))
    for event in response.events:
        print(event.category, event.event_type, [actor.name for actor in event.actors], event.time.start)
        if event.event_type in TYPES:
            detail = TYPES[event.event_type]()
            event.detail.Unpack(detail)
            print(detail)


main()
