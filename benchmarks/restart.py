"""Start, memory and exit: of an idle server, and of one with 100,000 open alerts with timers."""

import os
import subprocess
import sys
import time

from nightbell import Server

ALERTS = 100_000
FOLDER = os.path.dirname(os.path.abspath(__file__))


def row(title, value, unit, goal):
    print(f"{title:<52}{value:>9.2f} {unit:<4} (goal: {goal})", flush=True)


def fill(server, key):
    run = 0
    while True:
        run += 1
        environment = dict(os.environ, WORKLOAD="distinct", REQUEST_PATH=f"/api/v1/events/rapidspike/{key}",
                           RUN=f"{run:04x}")
        subprocess.run(["wrk", "-t1", "-c64", "-d3s", "-s", os.path.join(FOLDER, "post.lua"),
                        f"http://127.0.0.1:{server.port}"], env=environment, capture_output=True, timeout=60)
        count = server.api("GET", "/api/alerts/count?states=PENDING")["count"]
        if count >= ALERTS:
            return count
        if run > 100:
            raise SystemExit(f"only {count} alerts after {run} rounds")


def main():
    server = Server(sys.argv[1])
    try:
        print("restart")
        server.set_up()
        server.start()
        server.stop()
        starts = []
        for _ in range(5):
            starts.append(server.start())
            time.sleep(1)
            memory = server.memory()
            exit_time = server.stop()
        row("start to first answer, empty, median of 5", sorted(starts)[2], "s", "below 0.5")
        row("memory, idle", memory, "MB", "below 64")
        row("exit on SIGTERM, idle", exit_time, "s", "below 10")
        server.start()
        key = server.source("Shop", delay_minutes=15)
        count = fill(server, key)
        server.stop()
        ready = server.start()
        row(f"ready with {count} open alerts with timers", ready, "s", "below 2")
        time.sleep(2)
        server.api("GET", "/api/alerts?max-results=100")
        row("memory then", server.memory(), "MB", "below 200")
        row("exit on SIGTERM then", server.stop(), "s", "below 10")
        size = sum(os.path.getsize(os.path.join(server.folder, name)) for name in os.listdir(server.folder)
                   if name.startswith("nightbell."))
        row("database bytes an alert with its event", size / count, "B", "a figure")
    finally:
        server.remove()


main()
