"""HTTP monitors at a fixed interval against a local server: how late checks begin, processor time and memory, beside
Debian's prometheus-blackbox-exporter probing the same targets at the same rate; then how soon a failing target is paged.
"""

import argparse
import asyncio
import glob
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from aiosmtpd.controller import Controller
from nightbell import Server, percentile

BLACKBOX = "prometheus-blackbox-exporter"
MODULES = """modules:
  http_2xx:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
"""
RETEST = 5


class Target(asyncio.Protocol):
    """Answers any request with 200 and hangs up when asked to; counts."""

    count = 0
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if data.endswith(b"\r\n\r\n"):
            Target.count += 1
            self.transport.write(self.answer)
            self.transport.close()


class Loop:
    """An event loop on a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def listen(self, port=0):
        server = self.run(self.loop.create_server(Target, "127.0.0.1", port, backlog=4096))
        return server, server.sockets[0].getsockname()[1]

    def close(self, server):
        async def end():
            server.close()
            await server.wait_closed()

        self.run(end())


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server, loop, options):
    _, port = loop.listen()
    began = time.monotonic()
    for number in range(options.monitors):
        server.api("POST", "/api/monitors", {
            "name": f"Site {number}", "kind": "HTTP", "target": f"http://127.0.0.1:{port}/{number}",
            "intervalSec": options.interval, "timeoutSec": 10})
    print(f"  {options.monitors} monitors made in {time.monotonic() - began:.0f} s")
    # All of them have found their places on the grid.
    time.sleep(options.interval + 5)
    pid = server.process.pid
    start, first = time.time(), cpu_seconds(pid)
    time.sleep(options.seconds)
    end, used = time.time(), cpu_seconds(pid) - first
    memory = server.memory()
    file = next(name for name in glob.glob(os.path.join(server.folder, "**"), recursive=True)
                if name.endswith((".sqlite", ".db", ".sqlite3")))
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    rows = database.execute(
        "SELECT late_ms, reason FROM monitor_results WHERE at_ms > ? AND at_ms <= ?",
        (int(start * 1000), int(end * 1000))).fetchall()
    database.close()
    late = [row[0] for row in rows]
    failed = sum(row[1] is not None for row in rows)
    if not late:
        raise SystemExit("no check was written down")
    wanted = options.monitors / options.interval
    print(f"  {len(late) / (end - start):.0f} checks a second of {wanted:.0f} wanted, {failed} failed")
    print(f"  begins late: p50 {percentile(late, .5)} ms, p99 {percentile(late, .99)} ms, most {max(late)} ms")
    print(f"  processor {used / (end - start):.2f} cores, memory {memory:.0f} MB")
    print(f"  {len(late) / used:.0f} checks per processor second")
    return port, len(late) / used


async def probe(blackbox, port, number, limit):
    async with limit:
        reader, writer = await asyncio.open_connection("127.0.0.1", blackbox)
        target = f"http%3A%2F%2F127.0.0.1%3A{port}%2F{number}"
        writer.write(f"GET /probe?module=http_2xx&target={target} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return b"probe_success 1" in answer


async def drive(blackbox, port, options):
    """Probes at the same rate as the monitors are checked; returns how many went well."""
    limit, tasks = asyncio.Semaphore(512), []
    loop = asyncio.get_running_loop()
    began, rate = loop.time(), options.monitors / options.interval
    for number in range(int(options.seconds * rate)):
        pause = began + number / rate - loop.time()
        if pause > 0:
            await asyncio.sleep(pause)
        tasks.append(asyncio.create_task(probe(blackbox, port, number % options.monitors, limit)))
    return sum(await asyncio.gather(*tasks))


def measure_blackbox(loop, port, options):
    if not shutil.which(BLACKBOX):
        print(f"  {BLACKBOX} is not installed: scripts/setup-debian bench")
        return None
    server, own = loop.listen()
    loop.close(server)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(MODULES)
        config.flush()
        process = subprocess.Popen(
            [BLACKBOX, f"--web.listen-address=127.0.0.1:{own}", f"--config.file={config.name}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(2)
            first, began = cpu_seconds(process.pid), time.monotonic()
            good = loop.run(drive(own, port, options))
            used, passed = cpu_seconds(process.pid) - first, time.monotonic() - began
        finally:
            process.terminate()
            process.wait()
    print(f"  {BLACKBOX}: {good / passed:.0f} checks a second, processor {used / passed:.2f} cores, "
          f"{good / used:.0f} checks per processor second")
    return good / used


class Sink:
    def __init__(self):
        self.arrived = threading.Event()

    async def handle_DATA(self, smtp, session, envelope):
        self.arrived.set()
        return "250 taken"


def measure_page(server, loop, sink, options):
    source_key = server.source("Pages")
    sources = server.api("GET", "/api/alert-sources")
    source = next(item["id"] for item in sources if item["integrationKey"] == source_key)
    interval, times = 10, []
    for round_number in range(options.rounds):
        target, port = loop.listen()
        monitor = server.api("POST", "/api/monitors", {
            "name": f"Falls {round_number}", "kind": "HTTP", "target": f"http://127.0.0.1:{port}/",
            "intervalSec": interval, "retests": 1, "alertSource": {"id": source}})
        deadline = time.monotonic() + 60
        while server.api("GET", f"/api/monitors/{monitor['id']}")["state"] != "PASSING":
            if time.monotonic() > deadline:
                raise SystemExit("the monitor never passed")
            time.sleep(.1)
        sink.arrived.clear()
        loop.close(target)
        down = time.monotonic()
        if not sink.arrived.wait(60):
            raise SystemExit("no mail within a minute")
        times.append(time.monotonic() - down)
        server.api("DELETE", f"/api/monitors/{monitor['id']}")
    most = interval + RETEST
    print(f"  down to mail: {', '.join(f'{seconds:.2f} s' for seconds in times)}; "
          f"interval and confirmation are {most} s, so at most {max(times) - most:+.2f} s beyond")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--monitors", type=int, default=10_000)
    parser.add_argument("--interval", type=int, default=30)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"monitors: {options.monitors} by HTTP every {options.interval} s")
    sink, loop = Sink(), Loop()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail_port = free.getsockname()[1]
    mail = Controller(sink, hostname="127.0.0.1", port=mail_port)
    mail.start()
    server = Server(options.server, environment={
        "NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true",
        "NIGHTBELL_SMTP_URL": f"smtp://127.0.0.1:{mail_port}"})
    try:
        server.set_up()
        server.start()
        port, ours = measure(server, loop, options)
        theirs = measure_blackbox(loop, port, options)
        if theirs:
            print(f"  ratio of checks per processor second: {ours / theirs:.2f}")
        measure_page(server, loop, sink, options)
        server.stop()
    finally:
        server.remove()
        mail.stop()


if __name__ == "__main__":
    sys.exit(main())
