"""Plays the part of RapidSpike's API, written from what programs that use it show, and from nothing of ours.

Sources, read 2026-11-23: RapidSpike/api-wrapper-php (Client.php, KeyAuth.php), dogsbodytech/warboard (rapidspike.py),
rapidspike-oss/integration-otel. Lists give at most two monitors a page, whatever is asked for.

Usage: rapidspike_standin.py PUBLIC_KEY PRIVATE_KEY; prints its address, then a line for each request.
"""
import base64
import hashlib
import hmac
import http.server
import json
import sys
import time
import urllib.parse
import uuid

PUBLIC, PRIVATE = sys.argv[1:3]
MOST = 2


def monitor(kind, label, domain, target, paused=False, **more):
    return {
        "monitor": dict({
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, kind + label)), "label": label, "type": kind,
            "asset_title": domain, "paused": paused, "target": target,
            "website": {"uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, domain)), "domain_name": domain},
        }, **more),
        "stats": {"status": "passing", "latest_response": 0.123},
    }


MONITORS = {
    "http": [
        monitor("http", "Home", "https://shop.example.com", "/"),
        monitor("http", "Warenkorb ü", "https://shop.example.com", "/cart?x=1&y=ü"),
        monitor("http", "Off", "http://old.example.com", "/health", paused=True),
        monitor("http", "", "https://shop.example.com", "/nameless"),
        monitor("http", "Home again", "https://shop.example.com", "/"),
    ],
    "tcp": [monitor("tcp", "Mail", "mail.example.com", "25", port=25), monitor("tcp", "No port", "a.example.com", "")],
    "ping": [monitor("ping", "Gate", "gate.example.com", "")],
}


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, word, message, data=None, code=None):
        body = json.dumps({
            "error_code": code, "status": {"code": status, "messsage": word}, "message": message, "data": data,
        }).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        print(address.path, query.get("page", "1"), flush=True)
        wanted = hmac.new(PRIVATE.encode(), f"{PUBLIC}\n{query.get('time')}".encode(), hashlib.sha1).digest()
        if query.get("public_key") != PUBLIC:
            return self.answer(401, "Unauthorized", "Unknown public key", code="AUTH001")
        if query.get("signature") != base64.b64encode(wanted).decode():
            return self.answer(401, "Unauthorized", "Signature does not match", code="AUTH002")
        if abs(time.time() - int(query["time"])) > 300:
            return self.answer(401, "Unauthorized", "Signature has expired", code="AUTH003")
        kind = address.path.removeprefix("/v1/").removesuffix("monitors")
        if kind not in MONITORS:
            return self.answer(404, "Not Found", "No such resource", code="HTTP404")
        size = min(int(query.get("per_page", MOST)), MOST)
        first = (int(query.get("page", 1)) - 1) * size
        self.answer(200, "OK", "Success", {f"{kind}_monitors": MONITORS[kind][first:first + size]})

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
