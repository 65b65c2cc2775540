#!/usr/bin/env python3
"""Measures the pages for staff: ten people who click, searches, and a month as ZIP beside `tar`.

    cargo build --release --bin statementd
    benches/staff.py [--accounts 10000] [--published 10000] [--target target/release] [--keep DIR]

Size L: 10,000 accounts, 110,000 statements (accounts and rooms) a month, four months, on SQLite. Usage is one leg for each room.
The last month is closed by the program; the three before it are its rows again, written straight into the database. Of the
last month, the files of `--published` accounts are made; the others pass for accounts whose files have left the archive.
`--keep` leaves the data, or takes it where an earlier run left it. Clients share the machine with the daemon.
"""

import argparse, base64, hmac, http.client, os, random, re, shutil, sqlite3, struct, subprocess, sys, tempfile, threading, time
import urllib.parse

from measured_site import Site

HERE = os.path.dirname(os.path.abspath(__file__))
STAFF, PASSWORD = "finance@op.example", "blau regnet kamel"
MONTH, BEFORE, AS_OF = "2026-04", ["2026-03", "2026-02", "2026-01"], "2026-05-20T12:00:00Z"
ROOMS = 10 # of each account
CURRENCIES = [("BASE-EUR", "EUR", "Europe/Paris", "fr-FR"), ("BASE-USD", "USD", "America/New_York", "en-US"),
              ("BASE-GBP", "GBP", "Europe/London", "en-GB")]
NAMES = ["Énergie", "Straßenbau", "Phoenix", "Global", "Nordwind", "Atlas", "Meridian", "Océan", "Vertex", "Lumière"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--published", type=int, default=10_000)
    parser.add_argument("--clicks", type=int, default=20, help="of each of the ten people, per page")
    parser.add_argument("--target", default=os.path.join(HERE, "..", "target", "release"))
    parser.add_argument("--keep")
    options = parser.parse_args()
    work = os.path.abspath(options.keep) if options.keep else tempfile.mkdtemp(prefix="statementd-staff-")
    os.makedirs(work, exist_ok=True)
    try:
        site = Staff(options, work, SETTINGS)
        if not os.path.exists(f"{work}/filled"):
            site.fill()
        site.measure()
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)


SETTINGS = f'staff = ["{STAFF}"]\n[http]\nlisten = "off"\n[schedule]\nclose = "0 0 6 28 12 *"\n'


class Staff(Site):
    def run(self, *arguments, check=True):
        done = subprocess.run(self.program + ["--config", self.config, *arguments], check=check, cwd=self.work,
                              stdout=subprocess.PIPE, text=True)
        return done.stdout

    def fill(self):
        start, accounts = time.monotonic(), self.options.accounts
        said = lambda what: print(f"{time.monotonic() - start:6.0f} s  {what}", file=sys.stderr, flush=True)
        self.run("import", "tariffs", self.write("tariffs.csv", [
            "tariff,service_type,label,currency,rate_per_minute,increment_seconds,minimum_seconds,valid_from\n",
            *(f"{tariff},LOCAL,Local access,{currency},0.09,1,0,2009-01-01\n" for tariff, currency, *_ in CURRENCIES)]))
        place = lambda account: CURRENCIES[account % 3]
        self.run("import", "accounts", self.write("accounts.csv", [
            "account_number,company_name,currency,time_zone,locale,tariff,owner_name,owner_email\n",
            *(f"{600000 + account},{NAMES[account % 10]} {account} & Cie,{place(account)[1]},{place(account)[2]},{place(account)[3]},"
              f"{place(account)[0]},Owner {account},owner@{account}.example\n" for account in range(accounts))]))
        self.run("import", "rooms", self.write("rooms.csv", [
            "room_number,account_number,cardholder,cardholder_email,auto_billing_code,active\n",
            *(f"{3000000 + room},{600000 + room % accounts},Holder {room},holder{room}@{room % accounts}.example,,true\n"
              for room in range(accounts * ROOMS))]))
        leg = lambda room: (f"L{room},C{room},{3000000 + room},LOCAL,{MONTH}-{1 + room % 28:02}T{8 + room % 9:02}:00:00Z,"
                            f"{MONTH}-{1 + room % 28:02}T{8 + room % 9:02}:{1 + room % 59:02}:00Z,+3312345{room % 10000:04},\n")
        usage = ["leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code\n"]
        self.run("import", "usage", self.write("usage.csv", usage + [leg(room) for room in range(accounts * ROOMS)]))
        said("imported")
        close = ["close", "--period", MONTH, "--as-of", AS_OF, "--no-send", "--force"]
        closing = subprocess.Popen(self.program + ["-q", "--config", self.config, *close], cwd=self.work, stdout=subprocess.DEVNULL)
        database = sqlite3.connect(f"{self.work}/s.db", timeout=60, isolation_level=None)
        while closing.poll() is None and database.execute("SELECT COUNT(*) FROM closing").fetchone()[0] < accounts:
            time.sleep(0.5)
        closing.kill()
        closing.wait()
        said("closed")
        self.multiply(database)
        database.close()
        said("three months before it written")
        self.run(*close, check=False)
        said("published")
        open(f"{self.work}/filled", "w").close()

    def multiply(self, database):
        """What is not to be published has left; earlier months are the same again, with other amounts."""
        execute = lambda sql, *values: database.execute(sql, values)
        execute("BEGIN IMMEDIATE")
        execute("UPDATE statement SET published_at = 1777600000, manifest_sha256 = shown_sha256, expired_at = 1777600000, deleted_at = 1777600000 "
                "WHERE published_at IS NULL AND account_key > (SELECT MIN(account_key) FROM account) + ? - 1", self.options.published)
        for months, period in enumerate(BEFORE, 1):
            columns = {table: [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
                       for table in ("closing", "statement", "delivery")}
            keys = (execute("SELECT MAX(statement_key) FROM statement").fetchone()[0],
                    execute("SELECT MAX(delivery_key) FROM delivery").fetchone()[0])
            other = {"period": f"'{period}'", "charge": f"charge + charge * (statement_key * {months} % 61 - 30) / 100",
                     "statement_key": f"statement_key + {keys[0]}", "delivery_key": f"delivery_key + {keys[1]}",
                     "published_at": "1777600000", "manifest_sha256": "shown_sha256", "expired_at": "1777600000",
                     "deleted_at": "1777600000", "message_id": f"message_id || '{period}'",
                     "starts_at": f"starts_at - {months} * 2592000", "ends_at": f"ends_at - {months} * 2592000"}
            for table, names in columns.items():
                values = ", ".join(other.get(name, name) for name in names)
                where = {"closing": "period = ?", "statement": "period = ?",
                         "delivery": "statement_key IN (SELECT statement_key FROM statement WHERE period = ?)"}[table]
                execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where}", MONTH)
        execute("UPDATE delivery SET next_attempt_at = NULL, attempts = 1, state = CASE WHEN delivery_key % 997 = 0 THEN 'bounced' "
                "WHEN delivery_key % 1499 = 0 THEN 'held' WHEN delivery_key % 1999 = 0 THEN 'unknown' ELSE 'accepted' END, "
                "last_answer = CASE WHEN delivery_key % 997 = 0 THEN '550 5.1.1 no such user' ELSE '250 2.0.0 taken' END, accepted_at = 1777600000")
        execute("COMMIT")

    def measure(self):
        log = open(f"{self.work}/log", "w")
        daemon = subprocess.Popen(self.program + ["--config", self.config, "run", "--as-of", AS_OF], cwd=self.work, stdout=log, stderr=log)
        try:
            self.until(lambda: self.get("/staff/sign-in")[0] == 200, 300)
            self.sign_in()
            print(f"load average {os.getloadavg()[0]:.1f}; daemon {status(daemon.pid, 'VmRSS')} MiB")
            account = 600000 + random.Random(1).randrange(self.options.accounts)
            first = f"/staff/accounts/{600000}"
            pages = [("home", "/staff"), ("a month", f"/staff/months/{MONTH}"), ("a month by change", f"/staff/months/{MONTH}?sort=-change"),
                     ("a month, bounced", f"/staff/months/{MONTH}?show=bounced"), ("the month before", f"/staff/months/{BEFORE[0]}?page=40"),
                     ("accounts", "/staff/accounts"), ("an account", f"/staff/accounts/{account}"),
                     ("a revision", f"{first}/statements/{MONTH}/r1"), ("as its owner", f"{first}/as-owner?period={MONTH}"),
                     ("undelivered", "/staff/deliveries"), ("all of a month's mail", f"/staff/deliveries?state=all&period={MONTH}"),
                     ("usage", "/staff/usage"), ("reruns", "/staff/reruns")]
            searches = [("search: a name", "/staff/accounts?q=nordwind"), ("search: two parts", "/staff/accounts?q=stra%C3%9Fe+77"),
                        ("search: a room", f"/staff/accounts?q={3000000 + account}"), ("search: an address", "/staff/accounts?q=holder4711"),
                        ("search in a month", f"/staff/months/{MONTH}?q=%C3%89NERGIE"), ("search in mail", f"/staff/deliveries?q=holder99")]
            for name, path in pages + searches:
                status_, body = self.get(path)[:2]
                if status_ not in (200, 303):
                    print(f"{name:24} {status_}")
                else:
                    print(f"{name:24} {spread(self.people([path]))}", flush=True)
            print(f"{'all of them, mixed':24} {spread(self.people([path for _, path in pages + searches]))}")
            self.zip(daemon.pid)
        finally:
            daemon.terminate()
            daemon.wait()

    def people(self, paths):
        """Ten of them, who look at what they got for a second on average before the next click."""
        times, lock = [], threading.Lock()

        def person(number):
            order = random.Random(number)
            for _ in range(self.options.clicks):
                start = time.monotonic()
                answer = self.get(order.choice(paths))[0]
                took = time.monotonic() - start
                time.sleep(order.uniform(0.5, 1.5))
                with lock:
                    times.append(took if answer in (200, 303) else float("inf"))

        people = [threading.Thread(target=person, args=(number,)) for number in range(10)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        return times

    def zip(self, pid):
        folder = f"{self.work}/archive/{MONTH}"
        files = sum(len(names) for *_, names in os.walk(folder))
        times = []
        for _ in range(3):
            start = time.monotonic()
            subprocess.run(f"tar cf - -C {self.work}/archive {MONTH} | cat > /dev/null", shell=True, check=True)
            tar = time.monotonic() - start
            with open(f"/proc/{pid}/clear_refs", "w") as file:
                file.write("5")
            before, start = status(pid, "VmRSS"), time.monotonic()
            code, length = self.drain(f"/staff/months/{MONTH}.zip")
            times.append((time.monotonic() - start, tar, status(pid, "VmHWM") - before, code, length))
        for took, tar, more, code, length in times:
            print(f"ZIP of {files} files, {length // 1_000_000} MB ({code}): {took:.1f} s, tar {tar:.1f} s: {took / tar:.1f} times; "
                  f"{more} MiB more than before")

    def drain(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3600)
        connection.request("GET", path, None, {"Cookie": self.cookie})
        answer, length = connection.getresponse(), 0
        while piece := answer.read(1 << 20):
            length += len(piece)
        return answer.status, length

    def get(self, path, method="GET", form=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": getattr(self, "cookie", ""), "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urllib.parse.urlencode(form) if form else None, headers)
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            return 0, b"", {}
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies = {**getattr(self, "cookies", {}), name: value}
            self.cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        return answer.status, body, answer.headers

    def sign_in(self):
        self.cookies, self.cookie = {}, ""
        link = re.search(r"/staff/link/[A-Za-z0-9_-]{43}", self.run("portal", "staff", "reset", STAFF, check=False)
                         or self.run("portal", "staff", "invite", STAFF))[0]
        assert self.get(link, "POST", {"password": PASSWORD})[0] == 303
        page = self.get("/staff/sign-in/second-factor")[1].decode()
        secret = re.search(r"<code>([^<]*)</code>", page)[1].replace(" ", "")
        answer, _, _ = self.get("/staff/sign-in/second-factor", "POST", {"code": totp(secret)})
        assert answer == 200, answer

    def until(self, is_so, seconds):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                sys.exit(f"waited in vain; see {open(f'{self.work}/log').read()[-2000:]}")
            time.sleep(0.1)


def totp(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


def spread(times):
    times = sorted(times)
    at = lambda share: times[min(int(len(times) * share), len(times) - 1)] * 1000
    return f"p50 {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms ({len(times)})"


def status(pid, field):
    return int(re.search(rf"{field}:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) // 1024


if __name__ == "__main__":
    main()
