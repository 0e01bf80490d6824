"""A server under measurement: started in a folder of its own, set up, spoken to over loopback."""

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time


# What a real alert source has switched on: a condition, a template, and grouping, beside its key.
REAL_SOURCE = {
    "eventFilter": "event.customDetails.region == 'eu-west-1'",
    "summaryTemplate": {"textTemplate": "{{ event.customDetails.website.label }}: {{ event.customDetails.monitor.label }}"
                                        " is {{ event.customDetails.status.upperCase() }}"},
    "alertCreation": "ONE_ALERT_GROUPED_PER_WINDOW", "alertGroupingWindow": "PT5M",
}


class Server:
    def __init__(self, binary, folder=None, environment=None):
        self.binary = os.path.abspath(binary)
        self.folder = folder or tempfile.mkdtemp(prefix="nightbell-bench-")
        self.environment = dict(os.environ, NIGHTBELL_BENCHMARK_ENDPOINT="true", NIGHTBELL_LOG_LEVEL="warning")
        # What is measured is the way, not the reader's patience.
        self.environment["NIGHTBELL_THROTTLE_EMAIL"] = "off"
        self.environment.update(environment or {})
        self.process = None
        self.port = None

    def run(self, *arguments, stdin=""):
        done = subprocess.run(
            [self.binary, *arguments, "--data-dir", self.folder], input=stdin, text=True, capture_output=True,
            env=self.environment, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"{arguments[0]} failed: {done.stderr}")
        return done.stdout.strip()

    def set_up(self):
        self.run("setup", "--email", "alice@example.com", "--first-name", "Alice", "--last-name", "Arnold",
                 "--password-stdin", stdin="correct horse battery staple\n")
        self.key = self.run("api-key", "create", "--user", "alice@example.com", "--name", "benchmark")

    def start(self):
        """Returns the seconds from the start of the process to its first answer."""
        began = time.monotonic()
        self.log = open(os.path.join(self.folder, "server.log"), "ab")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data-dir", self.folder, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
            stderr=self.log, env=self.environment, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise SystemExit("the server did not start; see " + self.log.name)
        while True:
            try:
                status, _ = self.call("GET", "/readyz")
                if status == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            if time.monotonic() - began > 60:
                raise SystemExit("the server is not ready after a minute")

    def call(self, method, path, body=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = "Bearer " + key
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text

    def api(self, method, path, body=None):
        status, answer = self.call(method, path, body, self.key)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        return answer

    def page(self, path):
        """Reads a page as Alice does, over one connection; returns its bytes."""
        if not hasattr(self, "browser") or self.browser[0] != self.port:
            token = self.api("POST", "/v1/users/login", {
                "email": "alice@example.com", "password": "correct horse battery staple"})["data"]["auth"]["token"]
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            self.browser = self.port, connection, {"Cookie": f"nightbell_session={token}"}
        _, connection, headers = self.browser
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {answer.getheader('Location')}")
        return body

    def source(self, name, delay_minutes=0, integration="RAPIDSPIKE", event_limit=1_000_000, fields=None):
        """Makes an alert source with a policy of its own that pages Alice; returns its integration key.

        `fields`: further ones of the alert source, as on the wire.
        """
        user = self.api("GET", "/api/users/current")
        policy = self.api("POST", "/api/escalation-policies", {
            "name": name + " policy", "delayMin": delay_minutes,
            "escalationRules": [{"escalationTimeout": 30, "users": [{"id": user["id"]}]}]})
        source = self.api("POST", "/api/alert-sources", {
            "name": name, "integrationType": integration, "escalationPolicy": {"id": policy["id"]},
            "eventLimitPerMinute": event_limit, **(fields or {})})
        return source["integrationKey"]

    def execute(self, *statements):
        """Runs SQL on the server's database, whichever it is; returns the rows of the last statement."""
        url = self.environment.get("NIGHTBELL_DATABASE_URL")
        if not url:
            with sqlite3.connect(f"{self.folder}/nightbell.db", timeout=60) as database:
                rows = [database.execute(statement).fetchall() for statement in statements]
            database.close()
            return rows[-1]
        commands = [part for statement in statements for part in ("-c", statement)]
        done = subprocess.run(["psql", url, "-qAt", "-v", "ON_ERROR_STOP=1", *commands], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return [line.split("|") for line in done.stdout.splitlines()]

    def contact(self, kind, target, channel):
        """Gives Alice a verified contact, and a rule that she is told there and nowhere else.

        Past the interface: a code that was sent would have to be read first.
        """
        number = int(self.execute("SELECT count(*) FROM contacts")[0][0]) + 900_000_000
        user = "(SELECT min(id) FROM users)"
        self.execute(
            "INSERT INTO contacts (id, user_id, kind, target, is_primary, verified_at_ms, label, created_at_ms)"
            f" VALUES ({number}, {user}, '{kind}', '{target}', 0, 1, '', 1)",
            "DELETE FROM notification_preferences",
            "INSERT INTO notification_preferences (id, user_id, area, channel, contact_id, delay_min, kind)"
            f" VALUES ({number}, {user}, 'alerts', '{channel}', {number}, 0, 'HIGH_PRIORITY')")

    def memory(self):
        """Resident memory in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def stop(self):
        """Returns the seconds from SIGTERM to the exit."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process.stdout.close()
        return time.monotonic() - began

    def remove(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
