#!/usr/bin/env python3
"""Measures the online consultation as its visitors meet it: pages, changes, downloads, and a month that goes on.

    cargo build --release --bin statementd
    benches/online.py [--rooms 10000] [--legs 100000] [--target target/release]

One account with many rooms (five conferences of two legs each) and one room with many legs, on SQLite, the daemon on a
loopback address. Clients share the machine with it. How many pages it serves at most is measured with `wrk`.
"""

import argparse, gzip, http.client, os, re, shutil, sqlite3, subprocess, sys, tempfile, threading, time, urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from measured_site import Site

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "sample")
ACCOUNT, HOT, OWNER, PASSWORD = "700001", "900000", "owner@example.com", "blau regnet kamel"
AS_OF = "2026-05-29T12:00:00Z"
HEAD = "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=int, default=10_000)
    parser.add_argument("--legs", type=int, default=100_000)
    parser.add_argument("--target", default=os.path.join(HERE, "..", "target", "release"))
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="statementd-online-")
    try:
        Customers(options, work, 'trusted_proxies = ["127.0.0.1/32"]\n').measure()
    finally:
        shutil.rmtree(work, ignore_errors=True)


def legs(name, room, count, first=0):
    """Two legs to a conference, over the month."""
    for number in range(first, first + count):
        conference = number // 2
        day, hour, minute = 1 + conference % 28, conference // 28 % 20, conference // 560 % 50
        yield (f"{name}-{number},{name}C{conference},{room},LOCAL,2026-05-{day:02}T{hour:02}:{minute:02}:00Z,"
               f"2026-05-{day:02}T{hour:02}:{minute + 1 + number % 9:02}:00Z,+3312345{number % 10000:04},\n")


class Customers(Site):
    def run(self, *arguments):
        start = time.monotonic()
        subprocess.run(self.program + ["--config", self.config, *arguments], check=True, cwd=self.work, stdout=subprocess.DEVNULL)
        return time.monotonic() - start

    def fill(self):
        rooms = self.options.rooms
        self.run("import", "tariffs", os.path.join(SAMPLE, "tariffs.csv"))
        self.run("import", "accounts", self.write("accounts.csv", [
            "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email\n",
            f"{ACCOUNT},Large,EUR,Europe/Paris,fr-FR,BASE-EUR,,{OWNER}\n"]))
        self.run("import", "rooms", self.write("rooms.csv", [
            "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active\n",
            *(f"{900000 + number},{ACCOUNT},Holder {number},,,true\n" for number in range(rooms))]))
        usage = [HEAD]
        for number in range(1, rooms):
            usage.extend(legs(f"R{number}", 900000 + number, 10))
        usage.extend(legs("HOT", HOT, self.options.legs))
        print(f"import of {len(usage) - 1} legs, portal off: {self.run('import', 'usage', self.write('usage.csv', usage)):.1f} s")

    def measure(self):
        self.fill()
        self.without()
        daemon = self.start(self.config)
        try:
            self.until(lambda: self.get("/sign-in")[0] == 200, 60)
            time.sleep(5)
            print(f"idle: {memory(daemon.pid)} MiB", flush=True)
            self.sign_in()
            self.sign_ins_at(30)
            self.pages(daemon.pid)
            self.changes()
            self.live()
            print(f"import of {self.options.legs * 3} legs with it: {self.run('import', 'usage', self.large('ON', 900004)):.1f} s")
            self.changes_during_an_import()
            self.busy("an import", lambda: self.run("import", "usage", self.large("BUSY", 900002)))
            self.close("with it")
            self.close("visited", visited=True)
        finally:
            daemon.terminate()
            daemon.wait()

    def start(self, config):
        log = open(f"{self.work}/log", "w")
        return subprocess.Popen(self.program + ["--config", config, "run", "--as-of", AS_OF], cwd=self.work, stdout=log, stderr=log)

    def without(self):
        """The same daemon without the online consultation, on a copy: what it costs those who import and close."""
        config = f"{self.work}/without.toml"
        with open(self.config) as file, open(config, "w") as copy:
            copy.write(file.read().split("[portal]")[0])
        daemon = self.start(config)
        time.sleep(8)
        print(f"idle without it: {memory(daemon.pid)} MiB", flush=True)
        print(f"import of {self.options.legs * 3} legs without it: {self.run('import', 'usage', self.large('OFF', 900003)):.1f} s")
        daemon.terminate()
        daemon.wait()
        with sqlite3.connect(f"{self.work}/s.db") as source, sqlite3.connect(f"{self.work}/first.db") as target:
            source.backup(target)
        self.close("without it")

    def large(self, name, room):
        return self.write(f"{name}.csv", [HEAD, *legs(name, room, self.options.legs * 3)])

    def close(self, how, visited=False):
        """Closes the month as another process, in a copy of what there was at first."""
        copy = f"{self.work}/closed {how}"
        os.makedirs(copy)
        with open(self.config) as file, open(f"{copy}/statementd.toml", "w") as new:
            new.write(file.read().split("[portal]")[0].replace(self.work, copy))
        shutil.copy(f"{self.work}/first.db", f"{copy}/s.db")
        os.sync()
        command = self.program + ["-q", "--config", f"{copy}/statementd.toml", "close", "--period", "2026-05", "--as-of",
                                  "2026-06-03T06:00:00Z", "--no-send"]
        def closing():
            start = time.monotonic()
            subprocess.run(command, check=True, cwd=copy, stdout=subprocess.DEVNULL)
            return time.monotonic() - start
        if visited:
            self.busy("a closing", closing)
        else:
            print(f"closing {how}: {closing():.1f} s", flush=True)

    def get(self, path, method="GET", form=None, encoding="gzip", more={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": getattr(self, "cookie", ""), "Accept-Encoding": encoding,
                   "Content-Type": "application/x-www-form-urlencoded"} | more
        try:
            connection.request(method, path, urllib.parse.urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            return 0, {}, b""
        if answer.headers.get("content-encoding") == "gzip":
            self.sent, body = len(body), gzip.decompress(body)
        return answer.status, answer.headers, body

    def sign_in(self):
        self.get("/password/forgot", "POST", {"number": ACCOUNT, "email": OWNER})
        self.until(lambda: self.link() is not None, 60)
        status, headers, _ = self.get(self.link(), "POST", {"password": PASSWORD})
        assert status == 303, status
        self.cookie = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("set-cookie"))
        times = []
        for _ in range(20):
            start = time.monotonic()
            status, headers, _ = self.get("/sign-in", "POST", {"number": ACCOUNT, "email": OWNER, "password": PASSWORD})
            if status != 303:
                break # Too many in a minute.
            times.append(time.monotonic() - start)
            self.cookie = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("set-cookie"))
        print("sign-in:", spread(times))

    def sign_ins_at(self, rate, seconds=10):
        """Wrong passwords of addresses that are not known, each from a network of its own: they cost what right ones do."""
        def one(number):
            time.sleep(max(0.0, start + number / rate - time.monotonic()))
            began = time.monotonic()
            status, *_ = self.get("/sign-in", "POST", {"number": ACCOUNT, "email": f"p{number}@example.com", "password": PASSWORD},
                                  more={"X-Forwarded-For": f"198.51.{number // 250}.{1 + number % 250}"})
            return status, time.monotonic() - began
        start = time.monotonic() + 0.2
        with ThreadPoolExecutor(64) as threads:
            answers = list(threads.map(one, range(rate * seconds)))
        took = time.monotonic() - start
        states = Counter(status for status, _ in answers)
        print(f"sign-ins at {rate}/s: {spread([time for _, time in answers])}; {len(answers) / took:.1f}/s done, {dict(states)}", flush=True)

    def link(self):
        mail = f"{self.work}/mail"
        for name in os.listdir(mail) if os.path.isdir(mail) else []:
            text = open(os.path.join(mail, name), errors="replace").read().replace("=\n", "").replace("=\r\n", "")
            found = re.search(r"/password/([A-Za-z0-9_-]{43})", text)
            if found:
                return found[0]
        return None

    def pages(self, pid):
        hot = f"/a/{ACCOUNT}/rooms/{HOT}"
        for name, path in [("account, 100 rooms", f"/a/{ACCOUNT}"), ("account, sorted by charge", f"/a/{ACCOUNT}?sort=-charge"),
                           ("a room", f"/a/{ACCOUNT}/rooms/900001"), ("the large room", hot)]:
            start = time.monotonic()
            status, _, body = self.get(path)
            first = time.monotonic() - start
            assert status == 200, (path, status)
            times = []
            for _ in range(50):
                start = time.monotonic()
                self.get(path)
                times.append(time.monotonic() - start)
            print(f"{name}: first {first * 1000:.0f} ms, then {spread(times)}; {self.sent} bytes sent, {len(body)} unpacked")
            self.load(path)
        for kind in ("csv", "xlsx"):
            before, start = memory(pid), time.monotonic()
            status, _, body = self.get(f"{hot}.{kind}")
            print(f"download of the large room, .{kind}: {time.monotonic() - start:.2f} s, {len(body)} bytes, "
                  f"peak {peak(pid) - before:+} MiB over before ({status})")

    def load(self, path):
        self.paced(path)
        if not shutil.which("wrk"):
            return
        for encoding in ("gzip",):
            out = subprocess.run(["wrk", "-t2", "-c50", "-d5s", "--latency", "-H", f"Cookie: {self.cookie}",
                                  "-H", f"Accept-Encoding: {encoding}", f"http://127.0.0.1:{self.port}{path}"],
                                 capture_output=True, text=True).stdout
            found = {key: re.search(pattern, out) for key, pattern in
                     {"p50": r"50%\s+(\S+)", "p99": r"99%\s+(\S+)", "per second": r"Requests/sec:\s+(\S+)"}.items()}
            print("    50 connections:", ", ".join(f"{key} {value[1]}" for key, value in found.items() if value),
                  "" if "Non-2xx" not in out else "(with refusals)")

    def paced(self, path, connections=50, rate=250, seconds=10):
        """A fixed number of pages a second, evenly over connections that stay open; each page counts from when it was due."""
        start = time.monotonic() + 0.3

        def visits(number):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            headers, took = {"Cookie": self.cookie, "Accept-Encoding": "gzip"}, []
            for turn in range(rate * seconds // connections):
                due = start + (turn * connections + number) / rate
                time.sleep(max(0.0, due - time.monotonic()))
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200, (path, answer.status)
                took.append(time.monotonic() - due)
            connection.close()
            return took
        with ThreadPoolExecutor(connections) as threads:
            times = [time for took in threads.map(visits, range(connections)) for time in took]
        print(f"    {len(times) / (time.monotonic() - start):.0f} pages a second: {spread(times)}", flush=True)

    def changes(self):
        hot = f"/a/{ACCOUNT}/rooms/{HOT}"
        for count in (1, 100, 500):
            times = []
            for number in range(20):
                pages = [self.get(f"/a/{ACCOUNT}/rooms/900001" if count == 1 else f"{hot}?page={page}")[2].decode()
                         for page in range(1, 1 + -(-count // 100))]
                seen = re.search(r'name="seen" value="([^"]*)"', pages[-1])[1]
                names = re.findall(r'name="conference" value="([^"]*)"', "".join(pages))[:count]
                room = "900001" if count == 1 else HOT
                form = [("seen", seen), ("code", f"P{count}-{number}")] + [("conference", name) for name in names]
                start = time.monotonic()
                status, *_ = self.get(f"/a/{ACCOUNT}/codes/assign?room={room}", "POST", form)
                assert status == 303, status
                times.append(time.monotonic() - start)
            print(f"a code for {len(names)}: {spread(times)}", flush=True)

    def changes_during_an_import(self):
        file, room = self.large("CODES", 900005), f"/a/{ACCOUNT}/rooms/900001"
        page = self.get(room)[2].decode()
        name, times, ended = re.findall(r'name="conference" value="([^"]*)"', page)[0], [], threading.Event()
        importing = threading.Thread(target=lambda: (self.run("import", "usage", file), ended.set()))
        importing.start()
        while not ended.is_set():
            seen = re.search(r'name="seen" value="([^"]*)"', self.get(room)[2].decode())[1]
            form = [("seen", seen), ("code", f"D{len(times)}"), ("conference", name)]
            start = time.monotonic()
            status, *_ = self.get(f"/a/{ACCOUNT}/codes/assign?room=900001", "POST", form)
            assert status == 303, status
            times.append(time.monotonic() - start)
        importing.join()
        print(f"a code during an import of {self.options.legs * 3} legs: {spread(times)}, at most {max(times) * 1000:.0f} ms", flush=True)

    def live(self):
        for count in (100, self.options.legs):
            before = self.charge()
            file = self.write("more.csv", [HEAD, *legs(f"N{count}", HOT, count)])
            took = self.run("import", "usage", file)
            start = time.monotonic()
            self.until(lambda: self.charge() != before, 60)
            print(f"{count} legs imported in {took:.1f} s with the portal on; committed → account's page: "
                  f"{time.monotonic() - start:.1f} s")

    def charge(self):
        return re.search(rb'class="amount">.*?</p>', self.get(f"/a/{ACCOUNT}")[2], re.S)[0]

    def busy(self, what, work):
        """Pages while something else runs, one every few milliseconds on four connections."""
        times, stop = [], threading.Event()

        def visit():
            while not stop.is_set():
                start = time.monotonic()
                self.get(f"/a/{ACCOUNT}?q=Holder+12")
                times.append(time.monotonic() - start)
                time.sleep(0.01)

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        took = work()
        stop.set()
        for visitor in visitors:
            visitor.join()
        print(f"account's page during {what} ({took:.1f} s): {spread(times)}", flush=True)

    def until(self, is_so, seconds):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                sys.exit(f"waited in vain; see {open(f'{self.work}/log').read()[-2000:]}")
            time.sleep(0.1)


def spread(times):
    times = sorted(times)
    at = lambda share: times[min(int(len(times) * share), len(times) - 1)] * 1000
    return f"p50 {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms ({len(times)})" if times else "none"


def status(pid, field):
    return int(re.search(rf"{field}:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) // 1024


def memory(pid):
    return status(pid, "VmRSS")


def peak(pid):
    return status(pid, "VmHWM")


if __name__ == "__main__":
    main()
