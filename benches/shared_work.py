#!/usr/bin/env python3
"""How fast one, two and four daemons on one PostgreSQL close, publish and mail the same accounts.

    cargo build --release && benches/shared_work.py [accounts] [binary]

Each run gets a server of its own (fsync on) on this machine; what it used of the processors is given apart for the
daemons and for the server, since that is what shows where the limit is.
"""

import os, shutil, signal, subprocess, sys, tempfile, time

ACCOUNTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
BINARY = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "target/release/statementd")
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "sample")
PROGRAMS = subprocess.check_output(["pg_config", "--bindir"], text=True).strip()
AS_OF = "2009-06-05T06:00:00Z"
TICKS = os.sysconf("SC_CLK_TCK")


def as_server(*command):
    prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]
    return (prefix if os.getuid() == 0 else []) + list(command)


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="statementd-bench-")
        os.chmod(self.folder, 0o777)
        initdb = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", f"{self.folder}/data"]
        subprocess.run(as_server(f"{PROGRAMS}/initdb", *initdb), check=True, capture_output=True)
        self.process = subprocess.Popen(
            as_server(f"{PROGRAMS}/postgres", "-D", f"{self.folder}/data", "-k", self.folder, "-c", "listen_addresses="),
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while subprocess.run([f"{PROGRAMS}/pg_isready", "-h", self.folder], capture_output=True).returncode:
            time.sleep(0.05)
        self.url = f"postgres://postgres@{self.folder.replace('/', '%2F')}/postgres"

    def query(self, sql):
        return subprocess.check_output(["psql", "-h", self.folder, "-U", "postgres", "-Atc", sql], text=True).strip()

    def processor_seconds(self):
        """Of the server and all its processes, those that have ended included."""
        used = 0
        for pid in open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split():
            try:
                used += sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")")[1].split()[11:15]))
            except FileNotFoundError:
                pass  # It has just ended, and counts with the server itself.
        return (used + sum(map(int, open(f"/proc/{self.process.pid}/stat").read().rsplit(")")[1].split()[11:15]))) / TICKS

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def write_files(folder):
    files = {
        "accounts": ["account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email"],
        "rooms": ["room_number,account_number,cardholder,cardholder_email,auto_billing_code,active"],
        "usage": ["leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code"],
    }
    for n in range(ACCOUNTS):
        account = 500000 + n
        files["accounts"].append(f"{account},Company {n},EUR,Europe/Paris,fr-FR,BASE-EUR,Owner,owner{n}@example.org")
        for room in range(2):
            number = 10000000 + n * 10 + room
            files["rooms"].append(f"{number},{account},Holder {n}-{room},,,true")
            for conference in range(10):
                day = 2 + (n + conference * 7 + room) % 26
                for leg in range(3):
                    files["usage"].append(
                        f"L{number}-{conference}-{leg},C{number}-{conference},{number},{['LOCAL', 'WEB', 'TOLLFREE'][leg]},"
                        f"2009-05-{day:02}T1{conference}:0{leg}:00Z,2009-05-{day:02}T1{conference}:{10 + n % 40}:2{leg}Z,,")
    for name, lines in files.items():
        with open(f"{folder}/{name}.csv", "w") as out:
            out.write("\n".join(lines) + "\n")


def measure(daemons):
    server, folder = Server(), tempfile.mkdtemp(prefix="statementd-bench-")
    with open(f"{folder}/statementd.toml", "w") as out:
        out.write(f'database.url = "{server.url}"\narchive.url = "file:{folder}/archive"\nmail.dir = "{folder}/mail"\n'
                  'http.listen = "off"\nschedule.heartbeat = "1s"\n')
    write_files(folder)
    command = [BINARY, "--config", f"{folder}/statementd.toml"]
    start = time.monotonic()
    for kind, path in [("tariffs", f"{SAMPLE}/tariffs.csv")] + [(k, f"{folder}/{k}.csv") for k in ("accounts", "rooms", "usage")]:
        subprocess.run(command + ["import", kind, path], check=True, capture_output=True)
    imported = time.monotonic() - start
    theirs = server.processor_seconds()
    commits = int(server.query("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"))
    start = time.monotonic()
    running = [subprocess.Popen(command + ["run", "--as-of", AS_OF], stderr=subprocess.DEVNULL) for _ in range(daemons)]
    marks = {}
    queries = {
        "closed": "SELECT COUNT(*) FROM closing",
        "published": "SELECT COUNT(*) FROM statement WHERE published_at IS NOT NULL",
        "mailed": "SELECT COUNT(*) FROM delivery WHERE state = 'accepted'",
    }
    while len(marks) < len(queries):
        for name, sql in queries.items():
            if name not in marks and int(server.query(sql)) == ACCOUNTS:
                marks[name] = time.monotonic() - start
        time.sleep(0.2)
    for daemon in running:
        daemon.send_signal(signal.SIGTERM)
    ours = [os.wait4(daemon.pid, 0)[2] for daemon in running]
    ours = sum(used.ru_utime + used.ru_stime for used in ours)
    commits = int(server.query("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'")) - commits
    theirs = server.processor_seconds() - theirs
    server.stop()
    shutil.rmtree(folder)
    print(f"{daemons} daemons: closed after {marks['closed']:6.1f} s, published {marks['published']:6.1f} s, mailed "
          f"{marks['mailed']:6.1f} s ({ACCOUNTS / marks['mailed']:6.1f} accounts/s); processor time: daemons {ours:6.1f} s, "
          f"server {theirs:5.1f} s; {commits / ACCOUNTS:.1f} commits per account; "
          f"import {imported:.1f} s",
          flush=True)


print(f"{ACCOUNTS} accounts, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}", flush=True)
for number in (1, 2, 4):
    measure(number)
