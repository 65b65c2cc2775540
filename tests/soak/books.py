"""What the operator's usage should come to, computed without any of statementd's code.

A second costs a cent whatever its line, so that no rounding depends on how legs are put together: an account owes as
many cents as the seconds of the legs that were acknowledged, whichever months and revisions charge them."""

import csv
import datetime
import random
import threading

ACCOUNTS, ROOMS = 12, 2
START = datetime.datetime(2009, 1, 1, tzinfo=datetime.timezone.utc)
HEADER = "leg_id,conference_id,room_number,service_type,joined_at,left_at,caller,billing_code".split(",")


def month(number):
    """The beginning of the month with this number, counted from 0."""
    return START.replace(year=START.year + number // 12, month=number % 12 + 1)


def period(number):
    return month(number).strftime("%Y-%m")


def master_data(folder):
    """Files of tariffs, accounts and rooms: (kind, path)."""
    accounts = [["account_number", "company_name", "currency", "time_zone", "locale", "tariff", "owner_name", "owner_email"]]
    rooms = [["room_number", "account_number", "cardholder", "cardholder_email", "auto_billing_code", "active"]]
    for number in range(ACCOUNTS):
        account = str(500000 + number)
        accounts.append([account, f"Company {number}", "EUR", "UTC", "fr-FR", "SOAK", "Owner", f"owner{number}@example.org"])
        for room in range(ROOMS):
            rooms.append([str(1000000 + number * 10 + room), account, f"Holder {number}-{room}", "", "", "true"])
    tariffs = [
        ["tariff", "service_type", "label", "currency", "rate_per_minute", "increment_seconds", "minimum_seconds", "valid_from"],
        ["SOAK", "LOCAL", "Local access", "EUR", "0.60", "1", "0", "2008-01-01"],
    ]
    for kind, rows in (("tariffs", tariffs), ("accounts", accounts), ("rooms", rooms)):
        path = folder / f"{kind}.csv"
        write(path, rows)
        yield kind, path


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


class Books:
    """Every leg that was ever sent in, and what statementd said of it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.next_leg = 0
        self.legs = {}  # leg_id: (account, seconds)
        self.accepted = set()
        # Rejected as of a time that is erased, after an attempt that was not acknowledged: charged or not.
        self.uncertain = set()
        self.voided = set()
        self.rows = []  # of files that were acknowledged, to be sent in again

    def usage(self, months, legs):
        """Rows of new conferences in these months, and some that were sent in before."""
        with self.lock:
            rows = []
            while len(rows) < legs:
                rows += self.conference(self.random.choice(months))
            if self.rows:
                rows += self.random.sample(self.rows, min(len(self.rows), legs // 10))
            return rows

    def conference(self, number):
        begin, end = month(number), month(number + 1)
        first = begin + datetime.timedelta(seconds=self.random.randrange(int((end - begin).total_seconds())))
        account, room = self.random.randrange(ACCOUNTS), self.random.randrange(ROOMS)
        rows = []
        for _ in range(self.random.randint(1, 4)):
            leg = f"L{self.next_leg}"
            self.next_leg += 1
            seconds = self.random.randint(1, 3600)
            joined = first + datetime.timedelta(seconds=self.random.randint(0, 600) if rows else 0)
            left = joined + datetime.timedelta(seconds=seconds)
            self.legs[leg] = (str(500000 + account), seconds)
            instants = [at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in (joined, left)]
            rows.append([leg, "C" + rows[0][0][1:] if rows else "C" + leg[1:], str(1000000 + account * 10 + room), "LOCAL", *instants, "", ""])
        return rows

    def acknowledge(self, rows, rejected, was_tried_before):
        """An import of these rows has ended; `rejected` are the leg ids that it refused."""
        with self.lock:
            for row in rows:
                leg = row[0]
                if leg not in rejected:
                    self.accepted.add(leg)
                elif was_tried_before and leg not in self.accepted:
                    self.uncertain.add(leg)
            self.rows += [row for row in rows if row[0] not in rejected]
            self.rows = self.rows[-5000:]

    def some_legs(self, number, voided=False):
        """Legs that were taken, or that are void, for one process at a time."""
        with self.lock:
            of = sorted(self.voided) if voided else [row[0] for row in self.rows[-1500:] if row[0] not in self.voided]
            return self.random.sample(of, min(len(of), number))

    def void(self, legs):
        with self.lock:
            self.voided |= set(legs)

    def undo_void(self, legs):
        with self.lock:
            self.voided -= set(legs)

    def expected(self):
        """Per account: (legs, seconds = cents) that must be charged, and at most."""
        least, most = {}, {}
        for leg, (account, seconds) in self.legs.items():
            may_be = (leg in self.accepted or leg in self.uncertain) and leg not in self.voided
            for book, counts in ((least, may_be and leg in self.accepted), (most, may_be)):
                legs, total = book.get(account, (0, 0))
                book[account] = (legs + counts, total + counts * seconds)
        return least, most
