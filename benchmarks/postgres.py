"""A PostgreSQL server of the benchmarks' own: Debian's program with its own defaults, on a socket in a new folder."""

import glob
import os
import shutil
import subprocess
import tempfile
import time


class Postgres:
    """Its log's first files are there already, as with a server that has run for a day: to make each of them, 16 MB,
    holds up whoever writes for 40 ms, until a checkpoint leaves old ones to be used again.
    """

    def __init__(self):
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder = tempfile.mkdtemp(prefix="nb-pg-")
        self.count = 0
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "-D", self.folder + "/data", "-A", "trust", "-U", "nightbell", "-E", "UTF8",
                 "--locale=C.UTF-8")
        self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-l", self.folder + "/log", "-o",
                 f"-k {self.folder} -c listen_addresses='' -c shared_buffers=512MB -c max_wal_size=4GB "
                 "-c min_wal_size=2GB", "start")
        with open(self.folder + "/data/postmaster.pid") as file:
            self.pid = int(file.readline())
        self.sql("postgres", "SELECT count(pg_logical_emit_message(false, '', repeat('x', 1000000))) "
                             "FROM generate_series(1, 2000)")
        self.sql("postgres", "CHECKPOINT")

    def run(self, program, *arguments):
        command = [os.path.join(self.programs, program), *arguments]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def create(self):
        """Returns the URL of a new, empty database."""
        self.count += 1
        self.sql("postgres", f"CREATE DATABASE bench_{self.count}")
        return f"postgres://nightbell@/bench_{self.count}?host={self.folder.replace('/', '%2F')}"

    def sql(self, database, text):
        done = subprocess.run(
            [os.path.join(self.programs, "psql"), "-h", self.folder, "-U", "nightbell", "-d", database, "-qAt",
             "-v", "ON_ERROR_STOP=1", "-c", text], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return [line.split("|") for line in done.stdout.splitlines()]

    def processes(self):
        children = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True).stdout.split()
        return [self.pid] + [int(child) for child in children]

    def stop(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def cpu_seconds(pids):
    """User and system time of the processes that still live."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def written_bytes(pids):
    """What the processes have handed to the disk."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/io") as file:
                total += next(int(line.split()[1]) for line in file if line.startswith("write_bytes"))
        except OSError:
            continue
    return total


def settle():
    time.sleep(0.5)
