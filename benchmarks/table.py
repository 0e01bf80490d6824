"""One table for SQLite and PostgreSQL: ingestion, first page, lists and search in a long history, restart, costs.

table.py SERVER [--history N] [--events N] [--only sqlite|postgres]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time

from first_page import measure_both
from nightbell import Server, percentile
from postgres import Postgres, cpu_seconds, settle, written_bytes

FOLDER = os.path.dirname(os.path.abspath(__file__))
OPEN = 100_000


class Ground:
    """A server on a new database of one kind, and a way to the database beside it."""

    def __init__(self, binary, kind, postgres, nodes=1):
        self.kind, self.postgres = kind, postgres
        environment = {}
        if kind == "postgres":
            url = postgres.create()
            environment["NIGHTBELL_DATABASE_URL"] = url
        self.servers = [Server(binary, environment=environment) for _ in range(nodes)]
        self.server = self.servers[0]
        self.server.set_up()
        for server in self.servers:
            server.start()

    def pids(self):
        own = [server.process.pid for server in self.servers]
        return own + (self.postgres.processes() if self.kind == "postgres" else [])

    def execute(self, sql):
        return self.server.execute(sql)

    def columns(self, table):
        if self.kind == "postgres":
            return [row[0] for row in self.execute(
                f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'")]
        return [row[0] for row in self.execute(f"SELECT name FROM pragma_table_info('{table}')")]

    def multiply(self, table, where, first, count, changes):
        """Inserts `count` copies of a row; `changes` says what is different, with n for the number of the copy."""
        columns = self.columns(table)
        values = ", ".join(changes.get(column, f't."{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        for start in range(first, first + count, 500_000):
            end = min(start + 500_000, first + count)
            numbers = (f"generate_series({start}, {end - 1}) AS s(n)" if self.kind == "postgres" else
                       f"(WITH RECURSIVE c(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {end - 1}) "
                       "SELECT n FROM c) AS s")
            self.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, {numbers} WHERE {where}")

    def analyze(self):
        if self.kind == "postgres":
            self.execute("VACUUM ANALYZE")

    def remove(self):
        for server in self.servers:
            server.remove()


def row(title, *values):
    print(f"{title:<58}" + "".join(f"{value:>14}" for value in values), flush=True)


def wrk(port, workload, path, run, connections, seconds=4):
    environment = dict(os.environ, WORKLOAD=workload, REQUEST_PATH=path, RUN=f"{run:04x}")
    printed = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(FOLDER, "post.lua"),
         f"http://127.0.0.1:{port}"], env=environment, capture_output=True, text=True, timeout=120).stdout
    line = next((line for line in printed.splitlines() if line.startswith("RESULT")), None)
    if line is None:
        raise SystemExit("wrk failed:\n" + printed)
    rate, p50, p99, bad = map(float, line.split()[1:])
    if bad:
        raise SystemExit(f"{workload}: {bad:.0f} requests failed")
    return rate, p50, p99


def ingest(binary, kind, postgres):
    ground = Ground(binary, kind, postgres)
    try:
        path = f"/api/v1/events/rapidspike/{ground.server.source('Shop', delay_minutes=15)}"
        port = ground.server.port
        wrk(port, "mixed", path, 0, 16, 1)
        for run, connections in enumerate((1, 16, 64, 256), 1):
            noop = wrk(port, "noop", "/healthz/echo", 0, connections, 2)
            written, cpu, before = written_bytes(ground.pids()), cpu_seconds(ground.pids()), time.monotonic()
            rate, p50, p99 = wrk(port, "mixed", path, run, connections)
            settle()
            events = rate * 4
            yield (f"ingest, {connections} connections: events/s (p50, p99 ms)", f"{rate:.0f} ({p50:.1f}, {p99:.1f})")
            yield (f"  … of the no-op endpoint's {noop[0]:.0f}/s" if kind == "sqlite" else "  … of the no-op endpoint",
                   f"{rate / noop[0]:.2f}")
            if connections == 64:
                yield "  … bytes written an event", f"{(written_bytes(ground.pids()) - written) / events:.0f}"
                yield "  … processor µs an event", f"{(cpu_seconds(ground.pids()) - cpu) / events * 1e6:.0f}"
    finally:
        ground.remove()


def nodes(binary, postgres):
    """Events a second, and processor time an event, when the load is spread over 1, 2 and 3 nodes."""
    for count in (1, 2, 3):
        ground = Ground(binary, "postgres", postgres, nodes=count)
        try:
            key = ground.server.source("Shop", delay_minutes=15)
            cpu, began = cpu_seconds(ground.pids()), time.monotonic()
            runs = []
            for number, server in enumerate(ground.servers):
                environment = dict(os.environ, WORKLOAD="distinct", RUN=f"{number + 1:04x}",
                                   REQUEST_PATH=f"/api/v1/events/rapidspike/{key}")
                runs.append(subprocess.Popen(
                    ["wrk", "-t1", f"-c{64 // count}", "-d4s", "-s", os.path.join(FOLDER, "post.lua"),
                     f"http://127.0.0.1:{server.port}"], env=environment, stdout=subprocess.PIPE, text=True))
            rate = sum(float(re.search(r"RESULT (\S+)", run.communicate()[0]).group(1)) for run in runs)
            spent = cpu_seconds(ground.pids()) - cpu
            row(f"{count} nodes, 64 connections in all: events/s", "", f"{rate:.0f}")
            row("  … processor µs an event, PostgreSQL's included", "", f"{spent / (rate * 4) * 1e6:.0f}")
        finally:
            ground.remove()


def timed(server, path, count=100):
    times = []
    for _ in range(count):
        began = time.monotonic()
        server.api("GET", path)
        times.append((time.monotonic() - began) * 1000)
    return f"{statistics.median(times):.1f} ({percentile(times, .99):.1f})"


def history(binary, kind, postgres, resolved, events):
    ground = Ground(binary, kind, postgres)
    server = ground.server
    try:
        key = server.source("Shop", delay_minutes=15)
        source = server.api("GET", "/api/alert-sources")[0]["id"]
        body = {"status": "failing", "message": "Shop - Home is failing", "monitor": {"uuid": "m", "label": "Home"}}
        for state in ("failing", "passing", "failing"):
            server.call("POST", f"/api/v1/events/rapidspike/{key}", dict(body, status=state))
        server.stop()
        where = "t.id = (SELECT min(id) FROM alerts WHERE status = '{}')"
        text = "'Page ' || n || ' is failing'" if kind == "sqlite" else "'Page ' || CAST(n AS TEXT) || ' is failing'"
        name = text.replace("' is failing'", "''")
        done = 0
        for size in [size for size in (1_000, 100_000, 1_000_000) if size <= resolved]:
            ground.multiply("alerts", where.format("resolved"), done, size - done, {
                "id": "1000000000 + n", "alert_key": name, "summary": text, "raised_at_ms": "t.raised_at_ms - n * 1000"})
            if done == 0:
                ground.multiply("alerts", where.format("pending"), 0, OPEN, {
                    "id": "2000000000 + n", "alert_key": name, "summary": text, "raised_at_ms": "t.raised_at_ms - n * 10"})
                ground.multiply("timers", "t.alert_id = (SELECT min(id) FROM alerts WHERE status = 'pending')", 0, OPEN, {
                    "alert_id": "2000000000 + n", "due_at_ms": "t.due_at_ms + 86400000 + n"})
                ground.multiply("alert_keys", "t.alert_id IS NOT NULL", 0, OPEN, {
                    "alert_id": "2000000000 + n", "alert_key": name})
            done = size
            ground.analyze()
            start = server.start()
            title = f"{size} resolved and {OPEN} open alerts"
            yield f"{title}: ready after s", f"{start:.2f}"
            yield "  … list of open alerts, 100 a page: p50 (p99) ms", timed(
                server, "/api/alerts?states=PENDING&states=ACCEPTED&max-results=100")
            yield "  … the same from alert 50,000 on", timed(
                server, "/api/alerts?states=PENDING&states=ACCEPTED&max-results=100&start-index=50000", 20)
            yield "  … all alerts, newest first", timed(server, "/api/alerts?max-results=100")
            yield "  … count of open alerts", timed(server, "/api/alerts/count?states=PENDING&states=ACCEPTED", 20)
            yield "  … memory MB", f"{server.memory():.0f}"
            server.stop()
        ground.multiply("events", "t.id = (SELECT max(id) FROM events WHERE id < 1000000000)", 0, events, {
            "id": "1000000000 + n", "request_id": "1000000000 + n", "summary": text, "alert_key": name,
            "received_at_ms": "t.received_at_ms - n", "alert_id": "NULL"})
        ground.analyze()
        server.start()
        path = f"/api/alert-sources/{source}/events"
        if server.call("GET", path + "?max-results=1", key=server.key)[0] == 200:
            yield f"{events} events: newest 50", timed(server, path + "?max-results=50", 20)
            yield "  … search that finds some near the end", timed(server, f"{path}?max-results=50&text=page+{events // 7}", 3)
        else:
            yield from explorer(ground, source, events)
        server.stop()
    finally:
        ground.remove()


def explorer(ground, source, events):
    """The event explorer's statements themselves, where there is no API for them."""
    for title, condition in (("newest 50", ""), ("search that finds one in the middle",
                             f" AND (lower(summary) LIKE '%page {events // 2} %' OR lower(alert_key) LIKE '%page {events // 2} %')")):
        times = []
        # A client that starts for each statement takes its time, too.
        began = time.monotonic()
        ground.execute("SELECT 1")
        start = time.monotonic() - began
        for _ in range(3):
            began = time.monotonic()
            ground.execute(f"SELECT id, summary FROM events WHERE alert_source_id = {source}{condition} ORDER BY id DESC LIMIT 50")
            times.append(max(time.monotonic() - began - start, 0))
        yield f"{events} events: {title}, ms", f"{statistics.median(times) * 1000:.0f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgres"]
    postgres = Postgres() if "postgres" in kinds else None
    try:
        row("", *kinds)
        parts = [
            lambda kind: ingest(options.server, kind, postgres),
            lambda kind: measure_both(options.server, postgres.create() if kind == "postgres" else None),
            lambda kind: history(options.server, kind, postgres, options.history, options.events)]
        for part in parts:
            columns = [list(part(kind)) for kind in kinds]
            for lines in zip(*columns):
                row(lines[0][0], *[line[1] for line in lines])
        if postgres:
            nodes(options.server, postgres)
    finally:
        if postgres:
            postgres.stop()


if __name__ == "__main__":
    main()
