"""From an event's POST to its mail in an SMTP sink, idle and while 500 other events a second arrive."""

import http.client
import json
import socket
import sys
import threading
import time

from aiosmtpd.controller import Controller
from nightbell import Server, percentile

EVENTS = 200


class Sink:
    """Notes when each mail's data is complete, by the words in its subject."""

    def __init__(self):
        self.times, self.arrived = {}, threading.Condition()

    async def handle_DATA(self, smtp, session, envelope):
        now = time.monotonic()
        text = envelope.content.decode("utf-8", "replace")
        subject = text[text.index("Subject:"):].split("\r\n", 1)[0]
        with self.arrived:
            self.times[subject.split("number", 1)[1].split()[0]] = now
            self.arrived.notify_all()
        return "250 taken"

    def wait(self, name, seconds=10):
        with self.arrived:
            if not self.arrived.wait_for(lambda: name in self.times, seconds):
                raise SystemExit(f"no mail for event {name} within {seconds} s")
            return self.times[name]


def body(number, prefix="page"):
    return json.dumps({
        "status": "failing", "monitor": {"uuid": f"{prefix}-{number}", "label": f"number {prefix}{number} x"},
        "website": {"label": "Shop"}}).encode()


def background(server, key, stop, rate=500):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    count, began = 0, time.monotonic()
    while not stop.is_set():
        due = began + count / rate
        if (pause := due - time.monotonic()) > 0:
            time.sleep(pause)
        connection.request("POST", f"/api/v1/events/rapidspike/{key}", body(count % 400, "load"))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise SystemExit(f"background event answered {answer.status}")
        count += 1
    seconds = time.monotonic() - began
    print(f"  (background: {count / seconds:.0f} events a second)")


def measure(server, sink, key, title, prefix):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    delays = []
    for number in range(EVENTS + 10):
        sent = time.monotonic()
        connection.request("POST", f"/api/v1/events/rapidspike/{key}", body(number, prefix))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise SystemExit(f"answered {answer.status}")
        delay = sink.wait(f"{prefix}{number}") - sent
        if number >= 10:
            delays.append(delay * 1000)
        time.sleep(0.01)
    if title:
        print(f"{title:<44}{percentile(delays, .5):>9.2f}{percentile(delays, .99):>9.2f}{max(delays):>9.2f}", flush=True)
    return delays


def measure_both(binary, database_url=None):
    """Yields rows of a table: idle, and while 500 other events a second arrive."""
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    environment = {"NIGHTBELL_SMTP_URL": f"smtp://127.0.0.1:{port}", "NIGHTBELL_MAIL_FROM": "nightbell@example.com",
                   "NIGHTBELL_FAULTS": "throttle=off"}
    if database_url:
        environment["NIGHTBELL_DATABASE_URL"] = database_url
    server = Server(binary, environment=environment)
    try:
        server.set_up()
        server.start()
        paged, loaded = server.source("Shop"), server.source("Load", delay_minutes=15)
        idle = measure(server, sink, paged, "", "idle")
        yield "first page idle: p50 (p99) ms", f"{percentile(idle, .5):.1f} ({percentile(idle, .99):.1f})"
        stop = threading.Event()
        load = threading.Thread(target=background, args=(server, loaded, stop))
        load.start()
        busy = measure(server, sink, paged, "", "busy")
        stop.set()
        load.join()
        yield "first page, 500 events/s beside it: p50 (p99) ms", f"{percentile(busy, .5):.1f} ({percentile(busy, .99):.1f})"
        server.stop()
    finally:
        server.remove()
        controller.stop()


def main():
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    server = Server(sys.argv[1], environment={
        "NIGHTBELL_SMTP_URL": f"smtp://127.0.0.1:{port}", "NIGHTBELL_MAIL_FROM": "nightbell@example.com",
        "NIGHTBELL_FAULTS": "throttle=off"})
    try:
        server.set_up()
        server.start()
        paged = server.source("Shop")
        loaded = server.source("Load", delay_minutes=15)
        print(f"first page: POST sent to mail received by the sink, {EVENTS} events")
        print(f"{'':<44}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
        measure(server, sink, paged, "idle", "idle")
        stop = threading.Event()
        load = threading.Thread(target=background, args=(server, loaded, stop))
        load.start()
        measure(server, sink, paged, "while 500 other events a second arrive", "busy")
        stop.set()
        load.join()
        print("goals: p99 below 25 ms idle, below 100 ms under load")
        server.stop()
    finally:
        server.remove()
        controller.stop()


if __name__ == "__main__":
    main()
