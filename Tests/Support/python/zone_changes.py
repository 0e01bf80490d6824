"""Finds every change of a zone's offset between two years with Python's zoneinfo over PyPI's tzdata.

Arguments: the first and the last year, then zones. Writes one line a change: zone, second since 1970, offset after it.
"""
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

# Only the data of the package, never the system's.
reset_tzpath(to=[])
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def offset(zone, second):
    return int((EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset().total_seconds())


first, last = (int(datetime(int(year), 1, 1, tzinfo=timezone.utc).timestamp()) for year in sys.argv[1:3])
for name in sys.argv[3:]:
    zone = ZoneInfo(name)
    second, known = first, offset(zone, first)
    while second < last:
        step = min(second + 43200, last)
        if offset(zone, step) != known:
            low, high = second, step
            while high - low > 1:
                middle = (low + high) // 2
                if offset(zone, middle) == known:
                    low = middle
                else:
                    high = middle
            known = offset(zone, high)
            print(f"{name}\t{high}\t{known}")
            second = high
        else:
            second = step
