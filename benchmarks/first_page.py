"""From an event's POST to its page at a push service and in a mail server: idle, and while other events arrive, some
hundreds a second and half of what goes at most.

first_page.py SERVER [RATE]: RATE is how many other events a second arrive meanwhile.
"""

import http.client
import json
import socket
import socketserver
import sys
import threading
import time

from aiosmtpd.controller import Controller
from nightbell import Server, percentile
from wrk import Wrk, pause_for

EVENTS = 200
RATE = 500
BUSY = 8
HALF = 0.5


class Sink:
    """Notes when each page is there in full."""

    def __init__(self):
        self.times, self.arrived = {}, threading.Condition()

    def note(self, title):
        now = time.monotonic()
        with self.arrived:
            self.times.setdefault(title.split("number", 1)[1].split()[0], now)
            self.arrived.notify_all()

    def wait(self, name, seconds=10):
        with self.arrived:
            if not self.arrived.wait_for(lambda: name in self.times, seconds):
                raise SystemExit(f"no page for event {name} within {seconds} s")
            return self.times[name]


class MailSink(Sink):
    def __init__(self):
        super().__init__()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_DATA(self, smtp, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        self.note(text[text.index("Subject:"):].split("\r\n", 1)[0])
        return "250 taken"

    def stop(self):
        self.controller.stop()


class PushSink(Sink):
    """Takes what is sent to a topic of ntfy."""

    def __init__(self):
        super().__init__()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True

            def handle(self):
                while self.rfile.readline():
                    length = 0
                    while (line := self.rfile.readline()) not in (b"\r\n", b""):
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    sink.note(json.loads(self.rfile.read(length))["title"])
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.web = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_address[1]}/push"
        threading.Thread(target=self.web.serve_forever, daemon=True).start()

    def stop(self):
        self.web.shutdown()


def body(number, prefix="page"):
    return json.dumps({
        "status": "failing", "monitor": {"uuid": f"{prefix}-{number}", "label": f"number {prefix}{number} x"},
        "website": {"label": "Shop"}}).encode()


class Load:
    """Other events, over several connections, as a block: `with Load(...) as load`."""

    def __init__(self, server, key, rate, connections=BUSY):
        self.server, self.key, self.rate, self.connections = server, key, rate / connections, connections
        self.stop, self.counts = threading.Event(), []

    def __enter__(self):
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(self.connections)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.reached = sum(self.counts) / (time.monotonic() - self.began)

    def run(self, connection):
        client = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        count, began = 0, time.monotonic()
        while not self.stop.is_set():
            if (pause := began + count / self.rate - time.monotonic()) > 0:
                time.sleep(pause)
            client.request("POST", f"/api/v1/events/rapidspike/{self.key}", body(count % 100, f"load{connection}-"))
            answer = client.getresponse()
            answer.read()
            if answer.status != 202:
                raise SystemExit(f"background event answered {answer.status}")
            count += 1
        self.counts.append(count)


def measure(server, sink, key, prefix):
    """Milliseconds from the POST to the page, of each event."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    delays = []
    for number in range(EVENTS + 10):
        sent = time.monotonic()
        client.request("POST", f"/api/v1/events/rapidspike/{key}", body(number, prefix))
        answer = client.getresponse()
        answer.read()
        if answer.status != 202:
            raise SystemExit(f"answered {answer.status}")
        delay = sink.wait(f"{prefix}{number}") - sent
        if number >= 10:
            delays.append(delay * 1000)
        time.sleep(0.01)
    return delays


def measure_all(binary, rate=RATE, database_url=None):
    """Yields a title and the milliseconds of each event: by push and by mail, idle and under load."""
    mails, pushes = MailSink(), PushSink()
    environment = {
        "NIGHTBELL_SMTP_URL": f"smtp://127.0.0.1:{mails.port}", "NIGHTBELL_MAIL_FROM": "nightbell@example.com",
        "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true", "NIGHTBELL_FAULTS": "throttle=off"}
    environment |= {f"NIGHTBELL_THROTTLE_{name}": "off" for name in ("EMAIL", "PUSH")}
    if database_url:
        environment["NIGHTBELL_DATABASE_URL"] = database_url
    server = Server(binary, environment=environment)
    try:
        server.set_up()
        server.start()
        paged, loaded = server.source("Shop"), server.source("Load", delay_minutes=15)
        for name, sink in (("mail", mails), ("push", pushes)):
            if sink is pushes:
                server.contact("ntfy", pushes.url, "ntfy")
            yield f"first page by {name}, idle", measure(server, sink, paged, f"{name}-idle")
            with Load(server, loaded, rate) as load:
                delays = measure(server, sink, paged, f"{name}-busy")
            yield f"first page by {name}, {load.reached:.0f} other events a second", delays
        path = f"/api/v1/events/rapidspike/{loaded}"
        load = Wrk(server.port, "repeating", path, seconds=600, pause=pause_for(HALF, server.port, "repeating", path))
        time.sleep(1)
        delays = measure(server, pushes, paged, "push-half")
        yield f"first page by push, {load.stop()[0]:.0f} other events a second, half of the most", delays
        server.stop()
    finally:
        server.remove()
        mails.stop()
        pushes.stop()


def main():
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else RATE
    print(f"from an event's POST to its page, {EVENTS} events each")
    print(f"{'milliseconds':<72}{'p50':>9}{'p99':>9}{'max':>9}")
    for title, delays in measure_all(sys.argv[1], rate):
        print(f"{title:<72}{percentile(delays, .5):>9.2f}{percentile(delays, .99):>9.2f}{max(delays):>9.2f}", flush=True)
    print("goals: by mail p99 below 25 ms idle and 100 ms under load; by push below 5 and 30 ms")


if __name__ == "__main__":
    main()
