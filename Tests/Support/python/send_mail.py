"""Sends one mail with Python's own smtplib; its text comes on standard input.

Standard output: "taken", or the code and the words with which the server refused it.
"""

import argparse
import smtplib
import sys
from email.message import EmailMessage
from email.utils import make_msgid


def message(options, text):
    mail = EmailMessage()
    mail["From"] = "Shop monitoring <alerts@example.com>"
    mail["To"] = options.to
    mail["Subject"] = options.subject
    mail["Message-ID"] = make_msgid(domain="example.com")
    for header in options.header:
        name, _, value = header.partition(": ")
        mail[name] = value
    mail.set_content(text)
    if options.html:
        mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    if options.attach:
        mail.add_attachment(b"x" * options.attach, maintype="image", subtype="png", filename="graph.png")
    return mail


def main(options):
    with smtplib.SMTP("127.0.0.1", options.port, local_hostname="web-1.example.com", timeout=30) as server:
        try:
            server.send_message(message(options, sys.stdin.read()), options.sender, [options.to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = refused.recipients[options.to]
            print(code, words.decode())
        except smtplib.SMTPResponseException as refused:
            print(refused.smtp_code, refused.smtp_error.decode())
        else:
            print("taken")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--from", dest="sender", default="alerts@example.com")
    parser.add_argument("--to", required=True)
    parser.add_argument("--subject", default="")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--html", action="store_true")
    parser.add_argument("--attach", type=int, default=0, metavar="BYTES")
    main(parser.parse_args())
