"""A day's million results of monitors: how fast they are written, sealed into hours and pruned, by the engine and the
storage that are shipped; what they take on the disk; and how long pages take with that day and 90 days before it.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time

from nightbell import Server

NEEDED = 1_000_000 / 86_400
DAY = 86_400_000
HOUR = 3_600_000


def run(tool, *arguments):
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def sizes(folder):
    """Bytes and rows of the tables with their indexes."""
    with sqlite3.connect(os.path.join(folder, "nightbell.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = {}
        for table in ("monitor_results", "monitor_hours", "monitor_days"):
            size, = database.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)",
                (table,)).fetchone()
            rows, = database.execute(f"SELECT count(*) FROM {table}").fetchone()
            found[table] = (size, rows)
        return found


def add_history(folder, days):
    """Copies each monitor's newest closed hour and its day over the days before; prepared, not measured."""
    with sqlite3.connect(os.path.join(folder, "nightbell.db")) as database:
        for table, step, count in (("monitor_hours", HOUR, days * 24), ("monitor_days", DAY, days)):
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            others = ", ".join(f"t.{name}" for name in names if name not in ("monitor_id", "start_ms"))
            columns = ", ".join(["monitor_id", "start_ms"] + [n for n in names if n not in ("monitor_id", "start_ms")])
            database.execute(
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}), "
                f"first AS (SELECT monitor_id, min(start_ms) AS start FROM {table} GROUP BY monitor_id) "
                f"INSERT INTO {table} ({columns}) SELECT f.monitor_id, f.start - n.i * {step}, {others} "
                f"FROM first f JOIN {table} t ON t.monitor_id = f.monitor_id AND t.start_ms = f.start JOIN n")
        # The sites are made up: nothing is to be checked while pages are read.
        database.execute("UPDATE monitors SET due_at_ms = NULL, lease_until_ms = NULL")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pages(server):
    """Medians of ten, in milliseconds."""
    monitor = server.api("GET", "/api/monitors?max-results=1")[0]["id"]
    paths = {
        "monitor with 24 h, 7 d and 90 d": f"/monitors/{monitor}",
        "website with its 90-day bars": "/monitors/sites/site-0%2Eexample%2Ecom",
        "wallboard": "/wallboard", "list of monitors": "/monitors",
    }
    for name, path in paths.items():
        times = []
        for _ in range(10):
            began = time.monotonic()
            body = server.page(path)
            times.append((time.monotonic() - began) * 1000)
        print(f"  {name:32} {statistics.median(times):8.0f} ms, {len(body) // 1024} KiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("tool")
    parser.add_argument("--results", type=int, default=1_000_000)
    options = parser.parse_args()
    server = Server(options.server)
    try:
        server.set_up()
        day = run(options.tool, "day", options.results, server.folder)
        found = sizes(server.folder)
        size, rows = found["monitor_results"]
        rate = rows / (day["writing"] + day["sealing"])
        print(f"monitor history: {day['monitors']} monitors every minute for a day, {rows} results")
        print(f"  claimed, judged and written in {day['writing']:.1f} s, hours sealed in {day['sealing']:.1f} s: "
              f"{rate:.0f} results/s, {rate / NEEDED:.0f} times the {NEEDED:.1f}/s of a million a day")
        print(f"  a result takes {size / rows:.0f} bytes with its indexes; "
              f"a million a day for 7 days: {size / rows * 7e6 / 1e9:.2f} GB")
        (hours, hour_rows), (days, day_rows) = found["monitor_hours"], found["monitor_days"]
        hour, one = hours / max(hour_rows, 1), days / max(day_rows, 1)
        print(f"  an hour takes {hour:.0f} bytes, a day {one:.0f}: a monitor-year {365 * one / 1024:.0f} KiB of days, "
              f"and 100 days of hours {2400 * hour / 1024:.0f} KiB")
        add_history(server.folder, 95)
        server.start()
        print("pages with that day and 95 days before it, medians of ten:")
        pages(server)
        server.stop()
        pruning = run(options.tool, "prune", server.folder)["pruning"]
        gone = rows - sizes(server.folder)["monitor_results"][1]
        print(f"  eight days later {gone} results are pruned in {pruning:.1f} s: {gone / max(pruning, 0.001):.0f}/s")
    finally:
        server.remove()


main()
