"""20,000 alert events in a minute on one source, while another source's alerts are paged; memory before and after."""

import http.client
import json
import sys
import threading
import time

from first_page import MailSink, body
from nightbell import Server, percentile

EVENTS, SECONDS, SENDERS = 20_000, 60, 8


def flood(server, key, sender, answers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    mine = range(sender, EVENTS, SENDERS)
    began = time.monotonic()
    for count, number in enumerate(mine):
        due = began + count * SECONDS / len(mine)
        if (pause := due - time.monotonic()) > 0:
            time.sleep(pause)
        connection.request("POST", f"/api/v1/events/rapidspike/{key}", body(number, "flood"))
        answer = connection.getresponse()
        answer.read()
        answers.append(answer.status)


def post(server, key, payload):
    status, answer = server.call("POST", f"/api/v1/events/rapidspike/{key}", payload)
    if status != 202:
        raise SystemExit(f"answered {status}")
    return answer


def main():
    sink = MailSink()
    server = Server(sys.argv[1], environment={
        "NIGHTBELL_SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "NIGHTBELL_MAIL_FROM": "nightbell@example.com"})
    try:
        server.set_up()
        server.start()
        quiet = server.source("Shop")
        loud = server.source("Flood", delay_minutes=15, event_limit=300)
        early = json.loads(body("early", "flood"))
        post(server, loud, early)
        answers, memories, delays = [], [], []
        threads = [threading.Thread(target=flood, args=(server, loud, sender, answers)) for sender in range(SENDERS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        number = 0
        while any(thread.is_alive() for thread in threads):
            time.sleep(1)
            sent = time.monotonic()
            post(server, quiet, json.loads(body(number, "quiet")))
            delays.append((sink.wait(f"quiet{number}") - sent) * 1000)
            memories.append(server.memory())
            number += 1
            if number == 30:
                answer = post(server, loud, dict(early, status="passing"))
                if answer["responseCode"] != "RESOLVED_BY_SOURCE":
                    raise SystemExit(f"a resolve in the storm answered {answer}")
        seconds = time.monotonic() - began
        alerts = server.api("GET", "/api/alerts/count")["count"]
        storm = next(alert for page in range(0, 1000, 100)
                     for alert in server.api("GET", f"/api/alerts?max-results=100&start-index={page}")
                     if alert["summary"].startswith("Event storm"))
        folded = EVENTS + 1 - (alerts - len(delays) - 1)
        print(f"storm: {EVENTS} alert events with keys of their own over {SENDERS} connections in {seconds:.0f} s")
        print(f"answered 202: {answers.count(202)}, raised: {alerts - len(delays) - 1}, folded into one alert: {folded}"
              f" (#{storm['id']})")
        print(f"another source's alerts, POST to mail: p50 {percentile(delays, .5):.1f} ms,"
              f" max {max(delays):.1f} ms, {len(delays)} alerts; a resolve in the storm resolved at once")
        print(f"memory: {memories[9]:.0f} MB after 10 s, {memories[-1]:.0f} MB at the end")
        print("goals: all answered 202, every page within 1000 ms, memory flat")
        server.stop()
    finally:
        server.remove()
        sink.stop()


main()
