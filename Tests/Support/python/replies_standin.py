"""Stands in for Twilio and Telegram as a server meets them that nobody can reach: it takes messages and, when it is
asked, lists what people wrote. Pushover's messages and those to /sms, as to any gateway, are taken, too.

The first line on standard output is the port. Then each call is a line: its name, a blank, its body in plain text.
POST /written adds a message that Twilio lists; POST /update one that Telegram hands out.
"""
import json
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

written, updates, lock = [], [], threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            self.answer(200, {"messages": list(reversed(written))})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        name = self.path.split("/")[-1]
        if name in ("written", "update"):
            with lock:
                (written if name == "written" else updates).append(json.loads(body))
            return self.answer(200, {})
        plain = urllib.parse.unquote_plus(body).replace("\n", " ")
        if name == "getUpdates":
            return self.wait_for_updates(json.loads(body))
        print(f"{name} {plain}", flush=True)
        if name == "Messages.json":
            return self.answer(201, {"sid": f"SM{time.time_ns()}", "status": "queued"})
        if name == "sms":
            key = self.headers.get("X-Key")
            return self.answer(200, {"state": "taken"} if key == "gateway-secret" else {"state": "who are you?"})
        self.answer(200, {"ok": True, "result": {"message_id": 1}, "status": 1, "request": "r1"})

    do_PUT = do_POST

    def wait_for_updates(self, asked):
        for _ in range(20):
            with lock:
                found = [one for one in updates if one["update_id"] >= asked["offset"]]
            if found:
                break
            time.sleep(0.1)
        try:
            self.answer(200, {"ok": True, "result": found})
        except BrokenPipeError:
            pass  # Whoever asked has ended meanwhile.


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
sys.exit(0)
