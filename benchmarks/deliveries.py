"""Messages to providers that take their time: throughput, and what a hung provider does to the others."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nightbell import Server, percentile

MESSAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
PLACES = 64
LATENCY = 0.2
IDLE = 100


class Gateway(BaseHTTPRequestHandler):
    """/sms takes 200 ms, /push answers at once, /hang never does."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave at once: an answer in two parts would wait for the reader's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    taken, hangs, lock, arrived = {}, 0, threading.Lock(), threading.Condition()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/hang"):
            Gateway.hangs += 1
            time.sleep(120)
            return
        if self.path.startswith("/sms"):
            time.sleep(LATENCY)
            name = json.loads(body)["text"].split("number", 1)[1].split()[0]
        else:
            name = json.loads(body)["title"].split("number", 1)[1].split()[0]
        with Gateway.arrived:
            Gateway.taken.setdefault(name, time.monotonic())
            Gateway.arrived.notify_all()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def wait(names, seconds):
    end = time.monotonic() + seconds
    with Gateway.arrived:
        # Counted first: ten thousand names are not compared at every arrival.
        before = sum(name not in names for name in Gateway.taken)
        while len(Gateway.taken) - before < len(names) or not names <= Gateway.taken.keys():
            if time.monotonic() > end or not Gateway.arrived.wait(1) and time.monotonic() > end:
                raise SystemExit(f"{len(names - Gateway.taken.keys())} messages did not come within {seconds} s")


def post(server, key, name):
    status, _ = server.call("POST", f"/api/v1/events/rapidspike/{key}", {
        "status": "failing", "monitor": {"uuid": name, "label": f"number {name} x"}, "website": {"label": "Shop"}})
    if status != 202:
        raise SystemExit(f"answered {status}")


def idle(server, key, prefix):
    delays = []
    for number in range(IDLE + 10):
        name = f"{prefix}{number}"
        sent = time.monotonic()
        post(server, key, name)
        wait({name}, 10)
        if number >= 10:
            delays.append((Gateway.taken[name] - sent) * 1000)
        time.sleep(0.02)
    print(f"{'event to push, ' + prefix:<44}{percentile(delays, .5):>9.2f}{percentile(delays, .99):>9.2f}", flush=True)


def main():
    web = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{web.server_port}"
    off = {f"NIGHTBELL_THROTTLE_{name}": "off" for name in ("EMAIL", "SMS", "VOICE", "PUSH")}
    server = Server(sys.argv[1], environment={
        **off, "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true", "NIGHTBELL_PROVIDER_PLACES": str(PLACES),
        "NIGHTBELL_SMS_GATEWAY_URL": f"{address}/sms", "NIGHTBELL_TELEGRAM_TOKEN": "1:hang",
        "NIGHTBELL_TELEGRAM_BASE_URL": f"{address}/hang",
        "NIGHTBELL_SMS_GATEWAY_BODY": json.dumps({"to": "{to}", "text": "{text}"})})
    try:
        server.set_up()
        server.start()
        key = server.source("Shop")
        print(f"{'milliseconds':<44}{'p50':>9}{'p99':>9}")
        server.contact("ntfy", f"{address}/push", "ntfy")
        idle(server, key, "alone")
        server.contact("telegram", "42", "telegram")
        for number in range(20):
            post(server, key, f"hung{number}")
        time.sleep(1)
        server.contact("ntfy", f"{address}/push2", "ntfy")
        idle(server, key, "hung-provider")
        print(f"  ({Gateway.hangs} requests hung meanwhile)")
        server.contact("phone", "+4930123456", "sms")
        names = {f"sms{number}" for number in range(MESSAGES)}
        began = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda name: post(server, key, name), sorted(names)))
        posted = time.monotonic() - began
        wait(names, MESSAGES * LATENCY / PLACES * 10 + 60)
        seconds = max(Gateway.taken[name] for name in names) - began
        best = PLACES / LATENCY
        print(f"{MESSAGES} messages, {PLACES} at a time, {LATENCY * 1000:.0f} ms each: {MESSAGES / seconds:.0f} a second"
              f" of {best:.0f} possible; posted in {posted:.1f} s, memory {server.memory():.0f} MB")
    finally:
        server.remove()
        web.shutdown()


main()
