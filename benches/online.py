#!/usr/bin/env python3
"""Measures the online consultation as its visitors meet it: pages, changes, downloads, and a month that goes on.

    cargo build --release --bin statementd
    benches/online.py [--rooms 10000] [--legs 100000] [--target target/release]

One account with many rooms (five conferences of two legs each) and one room with many legs, on SQLite, the daemon on a
loopback address. Clients share the machine with it. Needs `wrk` for the load at a fixed rate of connections.
"""

import argparse, gzip, http.client, os, re, shutil, subprocess, sys, tempfile, threading, time, urllib.parse

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
        Customers(options, work).measure()
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
        log = open(f"{self.work}/log", "w")
        daemon = subprocess.Popen(self.program + ["--config", self.config, "run", "--as-of", AS_OF], cwd=self.work,
                                  stdout=log, stderr=log)
        try:
            self.until(lambda: self.get("/sign-in")[0] == 200, 60)
            print(f"idle: {memory(daemon.pid)} MiB")
            self.sign_in()
            self.pages(daemon.pid)
            self.changes()
            self.live()
            self.busy()
        finally:
            daemon.terminate()
            daemon.wait()

    def get(self, path, method="GET", form=None, encoding="gzip"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": getattr(self, "cookie", ""), "Accept-Encoding": encoding,
                   "Content-Type": "application/x-www-form-urlencoded"}
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

    def changes(self):
        hot = f"/a/{ACCOUNT}/rooms/{HOT}"
        for count in (1, 100):
            times = []
            for number in range(5):
                _, _, page = self.get(f"/a/{ACCOUNT}/rooms/900001" if count == 1 else hot)
                page = page.decode()
                seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
                names = re.findall(r'name="conference" value="([^"]*)"', page)[:count]
                room = "900001" if count == 1 else HOT
                form = [("seen", seen), ("code", f"P{count}-{number}")] + [("conference", name) for name in names]
                start = time.monotonic()
                status, *_ = self.get(f"/a/{ACCOUNT}/codes/assign?room={room}", "POST", form)
                assert status == 303, status
                times.append(time.monotonic() - start)
            print(f"a code for {count}: {spread(times)}")

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

    def busy(self):
        """Pages while an import runs, one every few milliseconds on four connections."""
        file = self.write("busy.csv", [HEAD, *legs("BUSY", 900002, self.options.legs * 3)])
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
        took = self.run("import", "usage", file)
        stop.set()
        for visitor in visitors:
            visitor.join()
        print(f"account's page during an import of {self.options.legs * 3} legs ({took:.1f} s): {spread(times)}")

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
