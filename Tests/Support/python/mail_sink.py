"""A mail server for tests that keeps nothing and tells everything.

Standard output: first a line {"port": 2525, "ca": "/path/of/the/certificate" or null}, then one JSON line a mail.
Standard input: one JSON command a line, answered by "done N" on standard error, N being the command's number:
    {"do": "mode", "mode": "reject"}     how every mail is treated from now on
    {"do": "drop"}                       closes all connections, as a server does with idle ones
A client that is left waiting for ever is told on standard error by the line "hanging".
It ends when standard input does.

A recipient whose local part is the name of a mode (reject@example.com) is treated by that mode alone.
"""

import argparse
import asyncio
import datetime
import email
import email.policy
import ipaddress
import json
import logging
import os
import ssl
import sys
import tempfile
import time

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

MODES = (
    "accept", "reject", "reject-data", "greylist", "busy", "hang-ehlo", "hang-data", "drop-data", "take-hang", "slow",
)


async def forever():
    print("hanging", file=sys.stderr, flush=True)
    await asyncio.Event().wait()


class Sink:
    """aiosmtpd's handler: decides by mode, prints what it took."""

    def __init__(self):
        self.mode = "accept"
        self.greylisted = set()

    def mode_of(self, address):
        local = address.partition("@")[0]
        return local if local in MODES else self.mode

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        if self.mode == "hang-ehlo":
            await forever()
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        mode = self.mode_of(address)
        if mode == "reject":
            return f"550 5.1.1 <{address}>: Recipient address rejected: no such mailbox"
        if mode == "busy":
            return "452 4.3.1 Insufficient system storage"
        if mode == "greylist" and address not in self.greylisted:
            self.greylisted.add(address)
            return "451 4.7.1 Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        modes = {self.mode_of(address) for address in envelope.rcpt_tos}
        if "reject-data" in modes:
            return "554 5.7.1 Message refused as spam"
        if "hang-data" in modes:
            await forever()
        if "drop-data" in modes:
            server.transport.abort()
            await asyncio.Event().wait()
        if "slow" in modes:
            await asyncio.sleep(0.3)
        print(json.dumps(self.described(server, session, envelope)), flush=True)
        if "take-hang" in modes:
            await forever()
        return "250 2.0.0 OK: queued"

    @staticmethod
    def described(server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        user = session.auth_data.login.decode() if session.auth_data else None
        return {
            "peer": session.peer[0],
            "session": server.number,
            "helo": session.host_name,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8", "replace"),
            "tls": session.ssl is not None or server.is_implicit_tls,
            "user": user,
            "subject": str(message["subject"] or ""),
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "headers": [[name, str(value)] for name, value in message.items()],
            "received_at_ms": int(time.time() * 1000),
        }


def part(message, kind):
    body = message.get_body((kind,))
    return body.get_content().replace("\r\n", "\n") if body else None


class Server(SMTP):
    """One connection, numbered from 1."""

    connections = []
    opened = 0
    is_implicit_tls = False

    def connection_made(self, transport):
        if not hasattr(self, "number"):
            Server.opened += 1
            self.number = Server.opened
            Server.connections.append(self)
        super().connection_made(transport)

    def connection_lost(self, error):
        if self in Server.connections:
            Server.connections.remove(self)
        super().connection_lost(error)


def certificate(folder):
    """Writes a self-signed certificate for localhost and 127.0.0.1; gives the paths of it and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    with open(certificate_path, "wb") as file:
        file.write(signed.public_bytes(serialization.Encoding.PEM))
    with open(key_path, "wb") as file:
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate_path, key_path


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (user, password)
        return AuthResult(success=good, handled=good, auth_data=data if good else None)
    return check


async def commands(sink):
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    number = 0
    while line := await reader.readline():
        command = json.loads(line)
        number += 1
        if command["do"] == "mode":
            sink.mode = command["mode"]
        if command["do"] == "drop":
            for connection in list(Server.connections):
                connection.transport.abort()
        print(f"done {number}", file=sys.stderr, flush=True)


async def main(options):
    logging.disable(logging.CRITICAL)
    sink, context, authority = Sink(), None, None
    if options.tls != "none":
        # Whoever started us removes it: we may be killed.
        authority, key = certificate(tempfile.mkdtemp(prefix="mail-sink-"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, key)
    Server.is_implicit_tls = options.tls == "implicit"

    def connection():
        return Server(
            sink, hostname="sink.example", data_size_limit=32 * 1024 * 1024, enable_SMTPUTF8=True,
            tls_context=context if options.tls == "starttls" else None, require_starttls=options.require_tls,
            authenticator=authenticator(options.user, options.password) if options.user else None,
            auth_required=options.user is not None, auth_require_tls=False,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        connection, "127.0.0.1", options.port, ssl=context if options.tls == "implicit" else None)
    print(json.dumps({"port": server.sockets[0].getsockname()[1], "ca": authority}), flush=True)
    await commands(sink)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", choices=("none", "starttls", "implicit"), default="none")
    parser.add_argument("--require-tls", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    asyncio.run(main(parser.parse_args()))
