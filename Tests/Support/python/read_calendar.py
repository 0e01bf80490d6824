"""Reads a calendar from standard input with PyPI's icalendar and writes one line an event: start, end, title, uid.

Times are seconds since 1970, as Python's own zones understand them.
"""
import sys

import icalendar

calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(f"name\t{calendar.get('X-WR-CALNAME')}")
for event in calendar.walk("VEVENT"):
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    print(f"{int(start.timestamp())}\t{int(end.timestamp())}\t{event['SUMMARY']}\t{event['UID']}")
