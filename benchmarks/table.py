"""One table for SQLite and PostgreSQL: ingestion, first page, lists and search in a long history, restart, costs.

table.py SERVER [--history N] [--events N] [--only sqlite|postgres]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import history
from first_page import measure_all
from ground import Ground
from nightbell import REAL_SOURCE, percentile
from postgres import Postgres, cpu_seconds, settle, written_bytes
from wrk import Wrk, wrk

# Connections, and the most that p99 may be there, in milliseconds.
INGEST = {1: None, 16: None, 64: 15, 256: 40}
RATIO = {"sqlite": 0.45, "postgres": 0.35}
# Makes every fsync wait for five milliseconds more; loaded before the C library.
SLOW_SYNC = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int fsync(int fd) { usleep(5000); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { usleep(5000); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""


def row(title, values, goal=""):
    print(f"{title:<66}" + "".join(f"{value:>20}" for value in values) + f"{goal:>14}", flush=True)


def ingest(binary, kind, postgres):
    ground = Ground(binary, kind, postgres)
    try:
        port = ground.server.port
        plain, real = (
            f"/api/v1/events/rapidspike/{ground.server.source(name, delay_minutes=15, fields=fields)}"
            for name, fields in (("Plain", None), ("Real", REAL_SOURCE)))
        for path in (plain, real):
            wrk(port, "mixed", path, connections=16, seconds=1)
        for run, (connections, most) in enumerate(INGEST.items(), 1):
            for path, name in ((plain, "plain source"), (real, "with a condition, a template, grouping")):
                # Before and after: other users of the machine come and go within seconds.
                before = wrk(port, "noop", "/healthz/echo", 0, connections, 2)[0]
                written, cpu = written_bytes(ground.pids()), cpu_seconds(ground.pids())
                rate, p50, p99 = wrk(port, "mixed", path, run, connections)
                settle()
                written, cpu = written_bytes(ground.pids()) - written, cpu_seconds(ground.pids()) - cpu
                noop = (before + wrk(port, "noop", "/healthz/echo", 0, connections, 2)[0]) / 2
                yield (f"ingest over {connections}, {name}: events/s (p50, p99 ms)", f"{rate:.0f} ({p50:.1f}, {p99:.1f})",
                       f"p99 < {most}" if most else "")
                yield ("  … of the no-op endpoint", f"{rate / noop:.2f} of {noop:.0f}",
                       f">= {RATIO['sqlite']}, {RATIO['postgres']}" if connections == 64 else "")
                yield ("  … an event: bytes written, processor µs",
                       f"{written / rate / 4:.0f}, {cpu / rate / 4 * 1e6:.0f}", "")
    finally:
        ground.remove()


def slow_disk(binary):
    """Events a second on SQLite over 64 connections and over one, whose every request waits for a commit of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "slow.c"), os.path.join(folder, "slow.so")
        with open(source, "w") as file:
            file.write(SLOW_SYNC)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        ground = Ground(binary, "sqlite", None, environment={"LD_PRELOAD": library})
        try:
            path = f"/api/v1/events/rapidspike/{ground.server.source('Shop', delay_minutes=15)}"
            alone, together = (wrk(ground.server.port, "mixed", path, connections=count)[0] for count in (1, 64))
            row("fsync slowed by 5 ms, 1 and 64 connections: events/s", [f"{alone:.0f}, {together:.0f}", ""])
            row("  … times a commit for each", [f"{together / alone:.1f}", ""], ">= 15")
        finally:
            ground.remove()


def nodes(binary, postgres):
    """Events a second, and processor time an event, when the load is spread over 1, 2 and 3 nodes."""
    for count in (1, 2, 3):
        ground = Ground(binary, "postgres", postgres, nodes=count)
        try:
            path = f"/api/v1/events/rapidspike/{ground.server.source('Shop', delay_minutes=15)}"
            cpu = cpu_seconds(ground.pids())
            runs = [Wrk(server.port, "distinct", path, number + 1, 64 // count)
                    for number, server in enumerate(ground.servers)]
            rate = sum(run.result()[0] for run in runs)
            spent = cpu_seconds(ground.pids()) - cpu
            row(f"{count} nodes, 64 connections in all: events/s", ["", f"{rate:.0f}"])
            row("  … processor µs an event, PostgreSQL's included", ["", f"{spent / rate / 4 * 1e6:.0f}"])
        finally:
            ground.remove()


def first_page(binary, kind, postgres):
    goals = {"mail, idle": "p99 < 25", "push, idle": "p99 < 5", "half": "p99 < 30"}
    for title, delays in measure_all(binary, database_url=postgres.create() if kind == "postgres" else None):
        # How many others there were is not the same on both.
        name = title if "other" not in title else (
            title.split(",")[0] + (", half of the most beside it" if "half" in title else ", 500 events/s beside it"))
        goal = next((goal for words, goal in goals.items() if words in name), "")
        yield f"{name}: p50 (p99) ms", f"{percentile(delays, .5):.1f} ({percentile(delays, .99):.1f})", goal


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--parts", default="ingest,first-page,slow-disk,alerts,explorer,nodes")
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgres"]
    postgres = Postgres() if "postgres" in kinds else None
    parts = {
        "ingest": lambda kind: ingest(options.server, kind, postgres),
        "first-page": lambda kind: first_page(options.server, kind, postgres),
        "alerts": lambda kind: history.alerts(options.server, kind, postgres, options.history),
        "explorer": lambda kind: history.explorer(options.server, kind, postgres, options.events)}
    began = time.monotonic()
    try:
        row("", kinds, "goal")
        for name in options.parts.split(","):
            if name == "slow-disk":
                if "sqlite" in kinds:
                    slow_disk(options.server)
            elif name == "nodes":
                if postgres:
                    nodes(options.server, postgres)
            elif name in parts:
                for lines in zip(*[list(parts[name](kind)) for kind in kinds]):
                    row(lines[0][0], [line[1] for line in lines], lines[0][2])
            else:
                sys.exit(f"no part of the table is called {name}")
        print(f"({(time.monotonic() - began) / 60:.0f} minutes)")
    finally:
        if postgres:
            postgres.stop()


if __name__ == "__main__":
    main()
