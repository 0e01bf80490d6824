"""Decrypts a Web Push message as a browser would: private key, auth secret and body come as Base64 for URLs, by line."""
import base64
import sys

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


private, secret, body = [decoded(line.strip()) for line in sys.stdin.read().split("\n")[:3]]
key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
print(http_ece.decrypt(body, private_key=key, auth_secret=secret, version="aes128gcm").decode())
