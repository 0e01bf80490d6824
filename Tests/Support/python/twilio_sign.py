"""Signs a request as Twilio does, with Twilio's own library: token, URL and a JSON object of fields come by line."""
import json
import sys

from twilio.request_validator import RequestValidator

token, url, fields = sys.stdin.read().split("\n")[:3]
print(RequestValidator(token).compute_signature(url, json.loads(fields)))
