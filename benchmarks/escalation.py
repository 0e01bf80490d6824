"""10,000 escalations that are due in the same second: how long until the last is decided and committed."""

import os
import sqlite3
import subprocess
import sys
import time

from nightbell import Server

ALERTS = 10_000
ROUNDS = 5
FOLDER = os.path.dirname(os.path.abspath(__file__))


def row(title, value, unit, goal):
    print(f"{title:<60}{value:>9.2f} {unit:<8} (goal: {goal})", flush=True)


def fill(server, key):
    for run in range(1, 100):
        environment = dict(os.environ, WORKLOAD="distinct", REQUEST_PATH=f"/api/v1/events/rapidspike/{key}",
                           RUN=f"{run:04x}")
        subprocess.run(["wrk", "-t1", "-c64", "-d2s", "-s", os.path.join(FOLDER, "post.lua"),
                        f"http://127.0.0.1:{server.port}"], env=environment, capture_output=True, timeout=60)
        if server.api("GET", "/api/alerts/count?states=PENDING")["count"] >= ALERTS:
            return
    raise SystemExit("the alerts were not raised")


def make_due(path, due):
    """Moves the first 10,000 escalations to one instant and what is left far away."""
    database = sqlite3.connect(path)
    with database:
        database.execute("DELETE FROM messages")
        chosen = f"(SELECT id FROM alerts ORDER BY id LIMIT {ALERTS})"
        database.execute(
            "UPDATE alerts SET escalation_state = 'ready', escalation_level = NULL, escalation_pass = NULL, "
            f"escalation_due_ms = ? WHERE id IN {chosen}", (due,))
        database.execute(f"DELETE FROM timers WHERE alert_id IN {chosen}")
        database.execute(
            "INSERT INTO timers (alert_id, kind, due_at_ms) "
            f"SELECT id, 'escalation', ? FROM alerts WHERE id IN {chosen}", (due,))
        database.execute(
            f"UPDATE timers SET due_at_ms = ? WHERE alert_id NOT IN {chosen}", (due + 86_400_000,))
        database.execute(
            f"UPDATE alerts SET escalation_due_ms = ? WHERE id NOT IN {chosen}", (due + 86_400_000,))
    database.close()


def left(database, due):
    return database.execute(
        "SELECT count(*) FROM timers WHERE kind = 'escalation' AND due_at_ms = ?", (due,)).fetchone()[0]


def main():
    server = Server(sys.argv[1])
    try:
        print("escalation")
        server.set_up()
        server.start()
        key = server.source("Shop", delay_minutes=15)
        fill(server, key)
        server.stop()
        path = os.path.join(server.folder, "nightbell.db")
        times = []
        for _ in range(ROUNDS):
            due = int((time.time() + 4) * 1000)
            make_due(path, due)
            server.start()
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            time.sleep(max(0, due / 1000 - time.time()))
            while left(database, due) > 0:
                if time.time() > due / 1000 + 60:
                    raise SystemExit(f"{left(database, due)} escalations are left after a minute")
                time.sleep(0.01)
            times.append(time.time() - due / 1000)
            queued = database.execute("SELECT count(*) FROM messages").fetchone()[0]
            database.close()
            server.stop()
            if queued < ALERTS:
                raise SystemExit(f"only {queued} messages were queued")
        ordered = sorted(times)
        row(f"{ALERTS} due at once: decided and committed, median of {ROUNDS}", ordered[ROUNDS // 2], "s", "below 2")
        row("the slowest of them", ordered[-1], "s", "below 2")
        simulate(server)
    finally:
        server.remove()


def simulate(server):
    """A week of an alert that nobody accepts, on a copy of the configuration."""
    payload = os.path.join(server.folder, "failing.json")
    with open(payload, "w") as file:
        file.write('{"status": "failing", "message": "Down", "monitor": {"uuid": "bench"}}')
    seconds = {}
    for length in ("1m", "7d"):
        began = time.monotonic()
        server.run("simulate", "--source", "Shop", "--payload", payload, "--silent", length)
        seconds[length] = time.monotonic() - began
    row("nightbell simulate, one minute: the whole command", seconds["1m"], "s", "a figure")
    row("nightbell simulate, a week: simulated days per second", 7 / seconds["7d"], "days/s", "a figure")


main()
