"""Posts events with wrk: as fast as they go, or at a rate."""

import os
import signal
import subprocess

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Wrk:
    """A run of wrk in the background; `workload` is one of post.lua's.

    run: makes the keys of `distinct` its own; pause: milliseconds that a connection waits after each answer, on average.
    """

    def __init__(self, port, workload, path, run=0, connections=64, seconds=4, pause=0):
        environment = dict(os.environ, WORKLOAD=workload, REQUEST_PATH=path, RUN=f"{run:04x}", PAUSE=f"{pause:.0f}")
        self.workload, self.seconds = workload, seconds
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", os.path.join(FOLDER, "post.lua"),
             f"http://127.0.0.1:{port}"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self):
        """Waits for the end; returns requests a second, p50 and p99 in ms. A refused request ends the benchmark."""
        printed, _ = self.process.communicate(timeout=self.seconds + 60)
        line = next((line for line in printed.splitlines() if line.startswith("RESULT")), None)
        if line is None:
            raise SystemExit("wrk failed:\n" + printed)
        rate, p50, p99, bad = map(float, line.split()[1:])
        if bad:
            raise SystemExit(f"{self.workload}: {bad:.0f} requests failed")
        return rate, p50, p99

    def stop(self):
        """Ends it early; as `result`."""
        self.process.send_signal(signal.SIGINT)
        return self.result()


def wrk(port, workload, path, run=0, connections=64, seconds=4):
    return Wrk(port, workload, path, run, connections, seconds).result()


def pause_for(share, port, workload, path, connections=64):
    """Milliseconds of pause with which `share` of the most that goes is posted."""
    most, p50, _ = wrk(port, workload, path, connections=connections, seconds=3)
    wanted = connections / (most * share) * 1000
    pause = wanted - p50
    for _ in range(2):
        reached, _, _ = Wrk(port, workload, path, connections=connections, seconds=2, pause=pause).result()
        pause = max(1, pause + wanted - connections / reached * 1000)
    return pause
