"""Says whether the dashboard and the alerts ask for metrics that a running service has.

usage: names.py URL
"""

import json
import pathlib
import re
import sys
import urllib.request

import yaml

HERE = pathlib.Path(__file__).parent
NAME = re.compile(r"\b(?:dateline|rpc_server|process)_[a-z_]+")
# They come with the first call, event, panic, connection or queue.
LATER = re.compile(
    r"dateline_(sheds|panics|articles|events|budget_exhausted|connections_ended)_total|dateline_queue_(lag|held)"
    r"|dateline_(calls|connections)_active|dateline_work_running|dateline_queue_waiting"
    r"|(rpc_server_call|dateline_extraction|dateline_queue)_duration_seconds_(bucket|count|sum)"
)


def main():
    served = urllib.request.urlopen(sys.argv[1]).read().decode()
    known = set(re.findall(r"^([a-z_]+)(?:\{| )", served, re.M))
    dashboard = json.loads((HERE / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    for group in yaml.safe_load((HERE / "alerts.yaml").read_text())["groups"]:
        asked += [rule["expr"] for rule in group["rules"]]
    names = {name for expression in asked for name in NAME.findall(expression)}
    missing = {name for name in names if name not in known and not LATER.fullmatch(name)}
    if missing:
        raise SystemExit(f"no such metric: {sorted(missing)}")
    print(f"ok: {len(names)} metrics of the dashboard and the alerts")


main()
