"""What statementd talks to: a PostgreSQL server that can crash, and a mail server that counts."""

import os
import shutil
import socketserver
import subprocess
import threading
import time


class Postgres:
    """A server of this run's own, with fsync: that is what a crash asks."""

    def __init__(self, folder):
        self.folder = folder
        binaries = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        self.binaries = binaries if os.path.exists(f"{binaries}/initdb") else os.path.dirname(shutil.which("initdb"))
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", f"{folder}/data")
        self.lock = threading.Lock()
        self.crashes = self.stops = 0
        self.start()

    def run(self, program, *arguments, check=True):
        command = [f"{self.binaries}/{program}", *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        return subprocess.run(command, check=check, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=200"
        for _ in range(60):
            if self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start", check=False).returncode == 0:
                return
            time.sleep(0.5)
        raise RuntimeError("PostgreSQL does not start")

    def crash(self):
        with self.lock:
            self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop", check=False)
            self.crashes += 1
            self.start()

    def stop_for(self, seconds):
        with self.lock:
            self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "stop", check=False)
            self.stops += 1
            time.sleep(seconds)
            self.start()

    def end(self):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop", check=False)

    @property
    def url(self):
        return f"postgres://postgres@{str(self.folder).replace('/', '%2F')}/postgres"

    def query(self, sql):
        command = [f"{self.binaries}/psql", "-h", str(self.folder), "-U", "postgres", "-AtF", "|", "-c", sql]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [line.split("|") for line in answer.splitlines()]


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes every message, and remembers how often each came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.copies = {}
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Conversation)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.converse()
        except OSError:
            pass  # The sender was killed.

    def say(self, words):
        self.wfile.write(words.encode() + b"\r\n")

    def converse(self):
        self.say("220 soak ESMTP")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.say("354 go on")
                if not self.take():
                    return
            elif command == b"QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")

    def take(self):
        """One message; False: it was cut off, and so was never taken."""
        message_id = None
        while line := self.rfile.readline():
            if line == b".\r\n":
                with self.server.lock:
                    self.server.copies[message_id] = self.server.copies.get(message_id, 0) + 1
                self.say("250 stored")
                return True
            if message_id is None and line.lower().startswith(b"message-id:"):
                message_id = line.split(b"<")[1].split(b">")[0].decode()
        return False
