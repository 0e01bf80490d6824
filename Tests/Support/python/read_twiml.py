"""Reads TwiML documents with Twilio's own library: each verb is made again by the library's method of that name, which
knows where it may stand and which attributes it has, and what that writes must mean the same.

Standard input: a JSON array of documents. Standard output: for each its verbs in order, or what is wrong with it.
"""
import inspect
import json
import re
import sys
import xml.etree.ElementTree as ET

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def rebuild(element, parent, verbs):
    method = getattr(parent, snake(element.tag), None)
    if method is None:
        raise ValueError(f"<{element.tag}> may not stand in <{parent.name}>")
    known = set(inspect.signature(method).parameters) - {"kwargs"}
    arguments = {}
    for name, value in element.attrib.items():
        if name == "xml:lang" or snake(name) not in known:
            raise ValueError(f"<{element.tag}> has no attribute {name}")
        arguments[snake(name)] = value
    text = element.text or ""
    places = [name for name in ("message", "body") if name in known]
    if text and not places:
        raise ValueError(f"<{element.tag}> has no text")
    if places:
        arguments[places[0]] = text
    verbs.append(f"{element.tag} {text}".strip())
    made = method(**arguments)
    for child in element:
        rebuild(child, made, verbs)
        if (child.tail or "").strip():
            raise ValueError("text between verbs")


def canonical(text):
    return ET.canonicalize(text, strip_text=False)


def read(document):
    root = ET.fromstring(document.encode())
    if root.tag != "Response":
        raise ValueError(f"<{root.tag}> is no response")
    kinds = {child.tag for child in root}
    response = MessagingResponse() if kinds <= {"Message"} else VoiceResponse()
    verbs = []
    for child in root:
        rebuild(child, response, verbs)
    if canonical(str(response)) != canonical(document):
        raise ValueError(f"the library writes {response}")
    return verbs


answers = []
for document in json.load(sys.stdin):
    try:
        answers.append({"verbs": read(document)})
    except Exception as error:  # Whatever it is, the test is to see it.
        answers.append({"error": f"{type(error).__name__}: {error}"})
json.dump(answers, sys.stdout)
