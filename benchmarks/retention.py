"""How long events wait while the server deletes what is too old: with and without, at half of what goes at most.

retention.py SERVER [EVENTS]: EVENTS are how many old requests there are, a tenth as many old alerts.
"""

import re
import sys
import time

from ground import Ground
from history import EVENTS_OF_A_SOURCE
from postgres import Postgres
from wrk import Wrk, pause_for

OLD = 300_000
SECONDS = 20
DAY = 86_400_000
LOAD = 0.5


def forgotten(server):
    """Requests and alerts that were deleted since the server's start."""
    _, text = server.call("GET", "/metrics")
    counts = dict(re.findall(r'nightbell_retention_forgotten_total\{kind="(\w+)"\} (\d+)', text.decode()))
    return int(counts.get("events", 0)), int(counts.get("alerts", 0))


def fill(ground, events):
    """Requests that are 40 days old, of as many sources as keep so many, and alerts that were resolved 410 days ago."""
    server, sources = ground.server, -(-events // EVENTS_OF_A_SOURCE)
    keys = [server.source(f"Old {number}", delay_minutes=15) for number in range(sources)]
    body = {"status": "failing", "message": "Shop - Home is failing", "monitor": {"uuid": "old", "label": "Home"},
            "error": "operation timed out after 5000 milliseconds with 0 bytes received", "region": "eu-west-1"}
    for state in ("failing", "passing"):
        server.call("POST", f"/api/v1/events/rapidspike/{keys[0]}", dict(body, status=state))
    server.stop()
    alert = int(ground.execute("SELECT max(id) FROM alerts WHERE status = 'resolved'")[0][0])
    each = events // sources
    for place, key in enumerate(keys):
        source = int(ground.execute(f"SELECT id FROM alert_sources WHERE integration_key = '{key}'")[0][0])
        ground.multiply("events", "t.id = (SELECT max(id) FROM events)", place * each, each, {
            "id": "n - 1000000000", "request_id": "n - 1000000000", "alert_source_id": str(source), "alert_id": "NULL",
            "received_at_ms": f"t.received_at_ms - {40 * DAY}"})
    ground.multiply("alerts", f"t.id = {alert}", 0, events // 10, {
        "id": "n - 1000000000", "alert_key": ground.text("old "), "raised_at_ms": f"t.raised_at_ms - {410 * DAY}",
        "resolved_at_ms": f"t.resolved_at_ms - {410 * DAY}"})
    ground.multiply("timeline", f"t.alert_id = {alert}", 0, events // 10, {
        "id": "t.id * 1000000 - 1000000000000000 + n", "alert_id": "n - 1000000000"})
    ground.analyze()
    return each * sources, events // 10


def measured(server, path, run, pause):
    rate, p50, p99 = Wrk(server.port, "mixed", path, run, 64, SECONDS, pause).result()
    return f"{rate:6.0f} events/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def measure(binary, kind, postgres, events):
    ground = Ground(binary, kind, postgres)
    server = ground.server
    try:
        path = f"/api/v1/events/rapidspike/{server.source('Shop', delay_minutes=15)}"
        pause = pause_for(LOAD, server.port, "mixed", path)
        print(f"{kind}, nothing to delete:        {measured(server, path, 1, pause)}", flush=True)
        requests, alerts = fill(ground, events)
        server.start()
        before, began = forgotten(server), time.monotonic()
        during = measured(server, path, 2, pause)
        after, took = forgotten(server), time.monotonic() - began
        pace = [(b - a) / took for a, b in zip(before, after)]
        print(f"{kind}, {requests:,} + {alerts:,} too old: {during}, {pace[0]:.0f} requests and {pace[1]:.0f} alerts "
              f"deleted a second ({'some were left' if after[0] < requests else 'all before the end'})", flush=True)
    finally:
        ground.remove()


def main(binary, events):
    measure(binary, "sqlite", None, events)
    postgres = Postgres()
    try:
        measure(binary, "postgres", postgres, events)
    finally:
        postgres.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else OLD)
