"""Durable ingest beside a no-op endpoint of the same process, in turn: requests per second, latency, ratio."""

import statistics
import sys

from nightbell import Server
from wrk import wrk

PAIRS, SECONDS, CONNECTIONS = 5, 4, 64


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
            path = f"/api/v1/events/rapidspike/{server.source('Shop', delay_minutes=15)}"
            durable, noop = [], []
            wrk(server.port, "noop", "/healthz/echo", seconds=1)
            wrk(server.port, workload, path, run := run + 1, seconds=1)
            for _ in range(PAIRS):
                noop.append(wrk(server.port, "noop", "/healthz/echo", seconds=SECONDS))
                durable.append(wrk(server.port, workload, path, run := run + 1, CONNECTIONS, SECONDS))
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
