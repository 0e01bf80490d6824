"""Lists, searches, start and memory when there is much history."""

import statistics
import time

from ground import Ground
from nightbell import percentile

OPEN = 100_000
# Until a server has given back what only its start needed, in seconds.
REST = 2
# What one alert source keeps at most.
EVENTS_OF_A_SOURCE = 100_000


def timed(read, count=100):
    """Milliseconds of the middle and the slowest hundredth of `count` readings."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        read()
        times.append((time.monotonic() - began) * 1000)
    return f"{statistics.median(times):.1f} ({percentile(times, .99):.1f})"


def alerts(binary, kind, postgres, resolved):
    """Yields a title, a figure and a goal: 100,000 open alerts beside ever more that are resolved."""
    ground = Ground(binary, kind, postgres)
    server = ground.server
    try:
        time.sleep(REST)
        idle = server.memory()
        yield "idle memory, MB", f"{idle:.1f}", "< 64"
        key = server.source("Shop", delay_minutes=15)
        body = {"status": "failing", "message": "Shop - Home is failing", "monitor": {"uuid": "m", "label": "Home"}}
        for state in ("failing", "passing", "failing"):
            server.call("POST", f"/api/v1/events/rapidspike/{key}", dict(body, status=state))
        server.stop()
        where = "t.id = (SELECT min(id) FROM alerts WHERE status = '{}')"
        text, name = ground.text("Page ", " is failing"), ground.text("Page ")
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
            yield f"{size:,} resolved and {OPEN:,} open alerts: ready after s", f"{server.start():.2f}", "< 2"
            time.sleep(REST)
            more = (server.memory() - idle) * 1024 * 1024 / OPEN
            yield "  … memory MB, and more than idle, bytes an open alert", f"{server.memory():.0f}, {more:.0f}", "< 1500"
            states = "states=PENDING&states=ACCEPTED"
            yield "  … open alerts, 100 a page: p50 (p99) ms", timed(
                lambda: server.api("GET", f"/api/alerts?{states}&max-results=100")), "< 20"
            yield "  … the same from alert 50,000 on", timed(
                lambda: server.api("GET", f"/api/alerts?{states}&max-results=100&start-index=50000"), 20), ""
            yield "  … all alerts, newest first", timed(lambda: server.api("GET", "/api/alerts?max-results=100")), ""
            yield "  … count of open alerts", timed(lambda: server.api("GET", f"/api/alerts/count?{states}"), 20), ""
            yield "  … the page of alerts", timed(lambda: server.page("/alerts"), 20), ""
            server.stop()
    finally:
        ground.remove()


def explorer(binary, kind, postgres, events):
    """Yields a title, a figure and a goal: the event explorer's page, with as many sources as keep so many requests."""
    ground = Ground(binary, kind, postgres)
    server = ground.server
    try:
        # As many as a source keeps, and the last of them is looked at.
        sources = max(1, events // EVENTS_OF_A_SOURCE)
        for number in range(sources):
            key = server.source(f"Shop {number}", delay_minutes=15)
        server.call("POST", f"/api/v1/events/rapidspike/{key}", {
            "status": "failing", "message": "Shop - Home is failing", "monitor": {"uuid": "m", "label": "Home"},
            "error": "operation timed out after 5000 milliseconds with 0 bytes received", "region": "eu-west-1"})
        server.stop()
        ground.execute(
            "INSERT INTO retention_rules (account_id, kind, kept_days, kept_count)"
            " SELECT id, 'events', 400, 100000000 FROM accounts")
        looked_at = int(ground.execute("SELECT max(alert_source_id) FROM events")[0][0])
        ids = [int(row[0]) for row in ground.execute("SELECT id FROM alert_sources ORDER BY id")]
        each = min(events, EVENTS_OF_A_SOURCE)
        began = time.monotonic()
        for start in range(0, each, 10_000):
            # In turn, as they come: no source's requests are beside each other.
            for place, source in enumerate(ids):
                first = start * len(ids) + place * 10_000
                ground.multiply("events", "t.id = (SELECT max(id) FROM events)", first, min(10_000, each - start), {
                    "id": "n - 1000000000", "request_id": "n - 1000000000", "alert_source_id": str(source),
                    "summary": ground.text("Page ", " is failing"), "alert_key": ground.text("Page "),
                    "received_at_ms": f"t.received_at_ms - {events} + n", "alert_id": "NULL"})
        ground.analyze()
        print(f"  ({kind}: {each * len(ids):,} requests written in {time.monotonic() - began:.0f} s)", flush=True)
        server.start()
        page = f"/alert-sources/{looked_at}/events"
        title = f"{each * len(ids):,} requests of {len(ids)} sources"
        yield f"{title}: newest of one, p50 (p99) ms", timed(lambda: server.page(page), 20), ""
        oldest = ground.execute(f"SELECT summary FROM events WHERE alert_source_id = {looked_at} ORDER BY id LIMIT 1")
        words = {"a word that is in all": "failing", "one that is in the oldest": oldest[0][0].replace(" ", "+"),
                 "one that is in none": "nowhere"}
        for name, word in words.items():
            yield f"  … search for {name}", timed(lambda: server.page(f"{page}?text={word}"), 3), ""
    finally:
        ground.remove()
