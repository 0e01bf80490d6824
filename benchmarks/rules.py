"""Durable ingest of an alert source with conditions, templates and grouping beside a plain one, in turn."""

import statistics
import sys

from nightbell import Server
from wrk import wrk

PAIRS = 5
RULES = {
    "eventFilter": "event.customDetails.region == 'eu-west-1' and event.summary contains 'shop'",
    "summaryTemplate": {"textTemplate": "{{ event.customDetails.website.label }}: {{ event.customDetails.monitor.label }}"
                                        " is {{ event.customDetails.status.upperCase() }}"},
    "detailsTemplate": {"textTemplate": "{{ event.customDetails.error }} ({{ event.customDetails.monitor.target }})"},
    "alertKeyTemplate": {"textTemplate": "{{ event.customDetails.monitor.uuid }}"},
    "alertCreation": "ONE_ALERT_GROUPED_PER_WINDOW", "alertGroupingWindow": "PT5M",
}


def main():
    print("ingest with an event filter, three templates and grouping by a window of 5 minutes, beside a plain source")
    print(f"{'workload':<28}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'plain req/s':>13}{'ratio':>8}   pairs")
    run = 100
    for workload, title in [("repeating", "100 repeating keys"), ("distinct", "distinct keys")]:
        server = Server(sys.argv[1])
        try:
            server.set_up()
            server.start()
            plain = f"/api/v1/events/rapidspike/{server.source('Plain', delay_minutes=15)}"
            ruled = f"/api/v1/events/rapidspike/{server.source('Ruled', delay_minutes=15, fields=RULES)}"
            wrk(server.port, workload, plain, run := run + 1, seconds=1)
            wrk(server.port, workload, ruled, run := run + 1, seconds=1)
            pairs = []
            for _ in range(PAIRS):
                pairs.append([wrk(server.port, workload, path, run := run + 1) for path in (plain, ruled)])
            ratios = [ruled[0] / plain[0] for plain, ruled in pairs]
            middle = [statistics.median(pair[1][index] for pair in pairs) for index in range(3)]
            rate = statistics.median(pair[0][0] for pair in pairs)
            print(f"{title:<28}{middle[0]:>9.0f}{middle[1]:>9.2f}{middle[2]:>9.2f}{rate:>13.0f}"
                  f"{statistics.median(ratios):>8.3f}   " + " ".join(f"{ratio:.2f}" for ratio in ratios), flush=True)
            seen = server.api("GET", "/api/alerts?max-results=1")[0]["summary"]
            if not seen.endswith("is FAILING") and not seen.startswith("Shop"):
                raise SystemExit(f"the templates were not followed: {seen}")
            server.stop()
        finally:
            server.remove()
    print("goal: ratio at least 0.8")


main()
