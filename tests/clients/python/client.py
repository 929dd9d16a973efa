"""Calls a running service as a Python program would: with generated code and nothing of the service's own.

usage: client.py ADDRESS RULES_FOLDER PACK_FOLDER
"""

import pathlib
import shutil
import sys
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status
from google.rpc import error_details_pb2

from acme.shipping.v1 import seizure_pb2
from dateline.events.v1 import weapons_pb2
from dateline.v1 import extraction_service_pb2 as api
from dateline.v1 import extraction_service_pb2_grpc as api_grpc
from dateline.v1 import rule_service_pb2, rule_service_pb2_grpc

LAUNCH = "SEOUL. North Korea launched two missiles on March 18."
SEIZURE = "Iran seized a tanker on Monday."


def request(body, **options):
    return api.ExtractRequest(
        article=api.Article(id="a", body=body), options=api.ExtractOptions(**options) if options else None
    )


def check(truth, what):
    if not truth:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok: {what}")


def extract(stub):
    response = stub.Extract(request("Łódź. " + LAUNCH, offset_encoding=api.OFFSET_ENCODING_UTF32))
    check(len(response.events) == 1, "Extract finds one event")
    event = response.events[0]
    launch = weapons_pb2.WeaponLaunch()
    check(event.detail.Unpack(launch), "the detail unpacks into the generated class")
    check([actor.country for actor in launch.launcher] == ["PRK"], "the launcher is North Korea")
    span = event.evidence[0]
    check(("Łódź. " + LAUNCH)[span.start : span.end] == span.text, "offsets count as Python counts")


def bad_input(stub):
    try:
        stub.Extract(request(""))
    except grpc.RpcError as error:
        check(error.code() == grpc.StatusCode.INVALID_ARGUMENT, "an empty body is an invalid argument")
        fields = []
        for detail in rpc_status.from_call(error).details:
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(bad):
                fields += [violation.field for violation in bad.field_violations]
        check(fields == ["article.body"], "and the field is named")
    else:
        check(False, "an empty body is refused")


def stream(stub):
    count = 200

    def articles():
        for number in range(count):
            body = "" if number == 50 else LAUNCH
            yield api.ExtractStreamRequest(article=api.Article(id=str(number), body=body))

    seen, failed, events = set(), [], 0
    for result in stub.ExtractStream(articles()):
        seen.add(result.article_id)
        if result.WhichOneof("result") == "error":
            failed.append((result.article_id, result.error.field_violations[0].field))
        else:
            events += len(result.response.events)
    check(seen == {str(number) for number in range(count)}, "ExtractStream answers every article")
    check(failed == [("50", "article.body")], "the bad one is an item among the others")
    check(events == count - 1, "the others have their events")


def old_connections(stub):
    # Each is asked to go after half a second.
    end, calls, failed = time.monotonic() + 3, 0, []
    while time.monotonic() < end:
        try:
            stub.Extract(request("Iran launched rockets."))
            calls += 1
        except grpc.RpcError as error:
            failed.append(error)
    check(calls > 10 and not failed, f"none of {calls} calls failed while connections got old {failed[:2]}")


def new_pack(channel, stub, rules, pack):
    ruleset = rule_service_pb2_grpc.RuleServiceStub(channel)
    before = ruleset.GetRuleset(rule_service_pb2.GetRulesetRequest())
    check("shipping" not in [p.id for p in before.packs], "the pack is not there yet")

    calls, errors, stop = [0], [], threading.Event()

    def caller():
        while not stop.is_set():
            try:
                stub.Extract(request(LAUNCH))
                calls[0] += 1
            except grpc.RpcError as error:
                errors.append(error)

    thread = threading.Thread(target=caller)
    thread.start()
    begin = time.monotonic()
    shutil.copytree(pack, pathlib.Path(rules) / "shipping")
    while True:
        live = ruleset.GetRuleset(rule_service_pb2.GetRulesetRequest())
        if "shipping" in [p.id for p in live.packs]:
            break
        if time.monotonic() - begin > 30:
            stop.set()
            check(False, f"the pack goes live: {live.last_attempt}")
        time.sleep(0.02)
    check(True, f"the pack went live after {time.monotonic() - begin:.2f} s")
    response = stub.Extract(request(SEIZURE))
    stop.set()
    thread.join()
    found = [event for event in response.events if event.detail.Is(seizure_pb2.VesselSeizure.DESCRIPTOR)]
    check(len(found) == 1, "the next call returns the new event")
    seizure = seizure_pb2.VesselSeizure()
    check(found[0].detail.Unpack(seizure), "it unpacks into the pack's own generated class")
    check([actor.country for actor in seizure.seizer] == ["IRN"], "the seizer is Iran")
    check(seizure.kind == seizure_pb2.VESSEL_KIND_TANKER, "the ship is a tanker")
    check(calls[0] > 0 and not errors, f"none of {calls[0]} calls in between failed")

    database = ProtoReflectionDescriptorDatabase(channel)
    check("dateline.v1.ExtractionService" in database.get_services(), "reflection lists the service")
    file = database.FindFileContainingSymbol("acme.shipping.v1.VesselSeizure")
    check([message.name for message in file.message_type] == ["VesselSeizure"], "reflection serves the new type")


def main():
    address, rules, pack = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        health = health_pb2_grpc.HealthStub(channel)
        check(health.Check(health_pb2.HealthCheckRequest(service="dateline.v1.ExtractionService")).status
              == health_pb2.HealthCheckResponse.SERVING, "the service is healthy")
        stub = api_grpc.ExtractionServiceStub(channel)
        extract(stub)
        bad_input(stub)
        stream(stub)
        old_connections(stub)
        new_pack(channel, stub, rules, pack)


main()
