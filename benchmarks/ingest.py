"""Durable ingest beside a no-op endpoint of the same process, in turn: requests per second, latency, ratio."""

import os
import statistics
import subprocess
import sys

from nightbell import Server

PAIRS, SECONDS, CONNECTIONS = 5, 4, 64
FOLDER = os.path.dirname(os.path.abspath(__file__))


def wrk(server, workload, path, run, seconds=SECONDS):
    environment = dict(os.environ, WORKLOAD=workload, REQUEST_PATH=path, RUN=f"{run:04x}")
    printed = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", os.path.join(FOLDER, "post.lua"),
         f"http://127.0.0.1:{server.port}"], env=environment, capture_output=True, text=True, timeout=120).stdout
    line = next((line for line in printed.splitlines() if line.startswith("RESULT")), None)
    if line is None:
        raise SystemExit("wrk failed:\n" + printed)
    rate, p50, p99, bad = map(float, line.split()[1:])
    if bad:
        raise SystemExit(f"{workload}: {bad:.0f} requests failed")
    return rate, p50, p99


def main():
    print(f"ingest: single-event POSTs, {CONNECTIONS} keep-alive connections, {PAIRS} pairs of {SECONDS} s, SQLite FULL")
    print(f"{'workload':<28}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'no-op req/s':>13}{'ratio':>8}   pairs")
    run = 0
    for workload, title in [("distinct", "distinct keys"), ("repeating", "100 repeating keys"),
                            ("mixed", "80 % repeats, 20 % resolves")]:
        server = Server(sys.argv[1])
        try:
            server.set_up()
            server.start()
            key = server.source("Shop", delay_minutes=15)
            durable, noop = [], []
            wrk(server, "noop", "/healthz/echo", 0, 1)
            wrk(server, workload, f"/api/v1/events/rapidspike/{key}", run := run + 1, 1)
            for _ in range(PAIRS):
                noop.append(wrk(server, "noop", "/healthz/echo", 0))
                durable.append(wrk(server, workload, f"/api/v1/events/rapidspike/{key}", run := run + 1))
            ratios = [d[0] / n[0] for d, n in zip(durable, noop)]
            middle = lambda values, index: statistics.median(value[index] for value in values)
            print(f"{title:<28}{middle(durable, 0):>9.0f}{middle(durable, 1):>9.2f}{middle(durable, 2):>9.2f}"
                  f"{middle(noop, 0):>13.0f}{statistics.median(ratios):>8.3f}   "
                  + " ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)
            server.stop()
        finally:
            server.remove()
    print("goals: ratio at least 0.35, p99 below 20 ms")


if __name__ == "__main__":
    main()
