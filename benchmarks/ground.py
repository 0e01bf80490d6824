"""Servers on a new database of one kind, and a way to fill it."""

from nightbell import Server


class Ground:
    """One node or several, and the database beside them."""

    def __init__(self, binary, kind, postgres, nodes=1, environment=None):
        self.kind, self.postgres = kind, postgres
        environment = dict(environment or {})
        if kind == "postgres":
            environment["NIGHTBELL_DATABASE_URL"] = postgres.create()
        self.servers = [Server(binary, environment=environment) for _ in range(nodes)]
        self.server = self.servers[0]
        self.server.set_up()
        for server in self.servers:
            server.start()

    def pids(self):
        own = [server.process.pid for server in self.servers]
        return own + (self.postgres.processes() if self.kind == "postgres" else [])

    def execute(self, sql):
        return self.server.execute(sql)

    def columns(self, table):
        if self.kind == "postgres":
            return [row[0] for row in self.execute(
                f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'")]
        return [row[0] for row in self.execute(f"SELECT name FROM pragma_table_info('{table}')")]

    def multiply(self, table, where, first, count, changes):
        """Inserts `count` copies of a row; `changes` says what is different, with n for the number of the copy."""
        columns = self.columns(table)
        values = ", ".join(changes.get(column, f't."{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        for start in range(first, first + count, 500_000):
            end = min(start + 500_000, first + count)
            numbers = (f"generate_series({start}, {end - 1}) AS s(n)" if self.kind == "postgres" else
                       f"(WITH RECURSIVE c(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {end - 1}) "
                       "SELECT n FROM c) AS s")
            self.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, {numbers} WHERE {where}")

    def text(self, before, after=""):
        """SQL for a text with the number of the copy in it."""
        number = "n" if self.kind == "sqlite" else "CAST(n AS TEXT)"
        return f"'{before}' || {number} || '{after}'"

    def analyze(self):
        if self.kind == "postgres":
            self.execute("VACUUM ANALYZE")

    def remove(self):
        for server in self.servers:
            server.remove()
