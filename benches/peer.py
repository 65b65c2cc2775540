#!/usr/bin/env python3
"""What a user would write instead: the same month in fair Python.

SQLite for the usage, Decimal for the money, XlsxWriter for the workbooks, Jinja2 for the pages, email for the messages;
one process per core. Per account and room a workbook (Summary, Conferences, Participants, Billing codes) and a page,
and a message with both attached. It rates as statementd does, to the cent; it keeps no ledger, makes nothing durable,
and formats no locale. Prints one JSON object per stage.

    pip install XlsxWriter Jinja2 && benches/peer.py FOLDER_OF_CSV OUT
"""

import csv, json, multiprocessing, os, resource, sqlite3, sys, time
from collections import defaultdict
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import jinja2, xlsxwriter

MINOR = {"EUR": 2, "GBP": 2, "USD": 2, "JPY": 0, "TND": 3}
CONFERENCES = ["DATE", "START TIME", "ROOM NUMBER", "CARDHOLDER", "PARTICIPANTS", "BILLING CODE", "CONFERENCE LENGTH",
               "ACCUMULATED TIME", "CHARGES", "SERVICE TYPE", "CONFERENCE ID", "LATE FROM"]
PARTICIPANTS = ["ROOM NUMBER", "CONFERENCE ID", "SERVICE TYPE", "JOINED", "LEFT", "DURATION", "CALLER"]
ROOMS = ["Room number", "Cardholder", "Auto billing code", "Conferences", "Participants", "Accumulated time", "Charge"]
CODES = ["Billing code", "Participants", "Accumulated time", "Charge"]
PAGE = """<!doctype html><html lang="{{ account.locale }}"><head><meta charset="utf-8"><title>{{ title }}</title><style>
table { border-collapse: collapse } td, th { padding: 4px 8px; text-align: left } .n { text-align: right }</style></head>
<body><h1>{{ title }}</h1><p>{{ account.company_name }}: {{ "{:,}".format(total) }} {{ account.currency }}</p>
<table><tr><th>Room</th><th>Cardholder</th><th>Code</th><th>Time</th><th>Charge</th></tr>
{% for room in rooms %}<tr><td>{{ room.number }}</td><td>{{ room.cardholder }}</td><td>{{ room.code }}</td>
<td class="n">{{ room.seconds | clock }}</td><td class="n">{{ "{:,}".format(room.charge) }}</td></tr>{% endfor %}</table>
{% for room in rooms %}<h2>{{ room.number }} {{ room.cardholder }}</h2>
<table><tr><th>Date</th><th>Time</th><th>Quantity</th><th>Service</th><th>Code</th><th>Length</th><th>Accumulated</th><th>Charge</th></tr>
{% for line in room.lines %}<tr><td>{{ line.start.strftime("%d/%m/%Y") }}</td><td>{{ line.start.strftime("%H:%M:%S") }}</td>
<td class="n">{{ line.legs | length }}</td><td>{{ line.service }}</td><td>{{ line.code or "Unallocated" }}</td><td class="n">{{ line.length | clock }}</td>
<td class="n">{{ line.seconds | clock }}</td><td class="n">{{ "{:,}".format(line.charge) }}</td></tr>{% if details %}<tr><td colspan="8"><details><summary>
{{ line.legs | length }} participants</summary><table>{% for leg in line.legs %}<tr><td>{{ leg.caller }}</td><td>{{ leg.joined.strftime("%H:%M:%S") }}</td>
<td>{{ leg.left.strftime("%H:%M:%S") }}</td><td class="n">{{ leg.seconds | clock }}</td></tr>{% endfor %}</table></details></td></tr>
{% endif %}{% endfor %}</table>{% endfor %}</body></html>"""


class Record:
    def __init__(self, **fields):
        self.__dict__.update(fields)


def clock(seconds):
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def rows_of(folder, name):
    with open(f"{folder}/{name}.csv", newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def import_usage(folder, path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE room (number TEXT PRIMARY KEY, account TEXT, cardholder TEXT, email TEXT, code TEXT)")
    database.execute("CREATE TABLE leg (id TEXT PRIMARY KEY, account TEXT, room TEXT, conference TEXT, service TEXT, "
                     "joined INTEGER, left INTEGER, caller TEXT, code TEXT) WITHOUT ROWID")
    database.execute("CREATE INDEX by_account ON leg (account, room)")
    account_of = {}
    for row in rows_of(folder, "rooms"):
        account_of[row["room_number"]] = row["account_number"]
        database.execute("INSERT INTO room VALUES (?, ?, ?, ?, ?)", (row["room_number"], row["account_number"],
                         row["cardholder"], row["cardholder_email"], row["auto_billing_code"]))

    def legs():
        with open(f"{folder}/usage.csv", newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            next(lines)
            for leg, conference, room, service, joined, left, caller, code in lines:
                start, end = (int(datetime.fromisoformat(at).timestamp()) for at in (joined, left))
                if not 0 <= end - start <= 86400:
                    raise ValueError(f"{leg}: {joined} to {left}")
                yield leg, account_of[room], room, conference, service, start, end, caller, code

    cursor = database.executemany("INSERT OR IGNORE INTO leg VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", legs())
    database.commit()
    return cursor.rowcount


def compute(database, account, tariffs):
    """The account's rooms with their lines, rated."""
    zone = ZoneInfo(account.time_zone)
    unit = Decimal(1).scaleb(-MINOR[account.currency])
    conferences = defaultdict(list)
    for room, conference, service, joined, left, caller, code in database.execute(
            "SELECT room, conference, service, joined, left, caller, code FROM leg WHERE account = ? "
            "ORDER BY room, conference, joined, id", (account.account_number,)):
        conferences[room, conference].append(Record(service=service, seconds=left - joined, caller=f"…{caller[-4:]}", code=code,
                                                    joined=datetime.fromtimestamp(joined, zone), left=datetime.fromtimestamp(left, zone)))
    lines_of = defaultdict(list)
    default_code = dict(database.execute("SELECT number, code FROM room WHERE account = ?", (account.account_number,)))
    for (room, conference), legs in conferences.items():
        start, end = min(leg.joined for leg in legs), max(leg.left for leg in legs)
        if f"{start:%Y-%m}" != PERIOD:
            continue
        code = next((leg.code for leg in legs if leg.code), default_code[room])
        by_service = defaultdict(list)
        for leg in legs:
            by_service[leg.service].append(leg)
        for service, of_service in sorted(by_service.items()):
            rate, increment, minimum = tariffs[account.tariff, service]
            billed = sum(-(-max(leg.seconds, minimum) // increment) * increment for leg in of_service)
            charge = (rate * billed / 60).quantize(unit, ROUND_HALF_UP)
            lines_of[room].append(Record(start=start, conference=conference, service=service, code=code, legs=of_service, charge=charge,
                                         length=int((end - start).total_seconds()), seconds=sum(leg.seconds for leg in of_service)))
    rooms = []
    for number, cardholder, email, code in database.execute(
            "SELECT number, cardholder, email, code FROM room WHERE account = ? ORDER BY number", (account.account_number,)):
        lines = sorted(lines_of[number], key=lambda line: (line.start, line.conference, line.service))
        rooms.append(Record(number=number, cardholder=cardholder, email=email, code=code, lines=lines,
                            conferences=len({line.conference for line in lines}), legs=sum(len(line.legs) for line in lines),
                            seconds=sum(line.seconds for line in lines), charge=sum((line.charge for line in lines), Decimal(0))))
    return rooms


def write_workbook(path, account, title, rooms):
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                                    # Tables are not to be had with constant_memory.
                                    "in_memory": True})
    text, count = book.add_format({"num_format": "@"}), book.add_format({"num_format": "#,##0"})
    day, time_of_day = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm:ss"})
    instant, duration = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}), book.add_format({"num_format": "[h]:mm:ss"})
    money = book.add_format({"num_format": "#,##0." + "0" * MINOR[account.currency]})

    def table(sheet, first, headings, formats, first_number, rows):
        sheet.add_table(first, 0, first + len(rows) + 1, len(headings) - 1, {"total_row": True, "columns": [
            {"header": heading, **({"total_function": "sum"} if index >= first_number else {})} for index, heading in enumerate(headings)]})
        for column, style in enumerate(formats):
            sheet.set_column(column, column, 16, style)
        for at, row in enumerate(rows, first + 1):
            for column, (value, style) in enumerate(zip(row, formats)):
                if isinstance(value, str):
                    sheet.write_string(at, column, value, style)
                elif isinstance(value, datetime):
                    sheet.write_datetime(at, column, value.replace(tzinfo=None), style)
                else:
                    sheet.write_number(at, column, value, style)

    sheet = book.add_worksheet("Summary")
    sheet.write_string(0, 0, title)
    table(sheet, 3, ROOMS, [text, text, text, count, count, duration, money], 3,
          [(room.number, room.cardholder, room.code, room.conferences, room.legs, room.seconds / 86400, float(room.charge)) for room in rooms])
    lines = [(room, line) for room in rooms for line in room.lines]
    formats = [day, time_of_day, text, text, count, text, duration, duration, money, text, text, text]
    table(book.add_worksheet("Conferences"), 0, CONFERENCES, formats, 8,
          [(line.start, line.start, room.number, room.cardholder, len(line.legs), line.code or "Unallocated", line.length / 86400,
            line.seconds / 86400, float(line.charge), line.service, line.conference) for room, line in lines])
    table(book.add_worksheet("Participants"), 0, PARTICIPANTS, [text, text, text, instant, instant, duration, text], 5,
          [(room.number, line.conference, line.service, leg.joined, leg.left, leg.seconds / 86400, leg.caller)
           for room, line in lines for leg in line.legs])
    codes = defaultdict(lambda: [0, 0, Decimal(0)])
    for _, line in lines:
        part = codes[line.code or "Unallocated"]
        part[0], part[1], part[2] = part[0] + len(line.legs), part[1] + line.seconds, part[2] + line.charge
    table(book.add_worksheet("Billing codes"), 0, CODES, [text, count, duration, money], 1,
          [(code, legs, seconds / 86400, float(charge)) for code, (legs, seconds, charge) in sorted(codes.items())])
    book.close()


def write_account(number):
    account = ACCOUNTS[number]
    database = sqlite3.connect(f"{OUT}/peer.db")
    rooms = compute(database, account, TARIFFS)
    used = [room for room in rooms if room.lines]
    if not used:
        return number, "0", 0
    legs = sum(room.legs for room in rooms)
    for name, listed, details in [("account", rooms, legs <= 5000)] + [(room.number, [room], True) for room in used]:
        title, path = f"Statement {PERIOD} {name}", f"{OUT}/{number}-{name}"
        write_workbook(f"{path}.xlsx", account, title, listed)
        total = sum(room.charge for room in listed)
        page = TEMPLATE.render(account=account, title=title, total=total, rooms=listed, details=details)
        with open(f"{path}.html", "w", encoding="utf-8") as file:
            file.write(page)
    return number, str(sum(room.charge for room in rooms)), 1 + len(used)


def mail_account(number):
    account = ACCOUNTS[number]
    database = sqlite3.connect(f"{OUT}/peer.db")
    recipients = [("account", account.owner_email)] + database.execute(
        "SELECT number, email FROM room WHERE account = ?", (number,)).fetchall()
    sent = 0
    for name, address in recipients:
        path = f"{OUT}/{number}-{name}"
        if not address or not os.path.exists(f"{path}.xlsx"):
            continue
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "statements@example.org", address, f"Statement {PERIOD} {name}"
        message["Message-ID"], message["Auto-Submitted"] = f"<{PERIOD}-{number}-{name}@example.org>", "auto-generated"
        message.set_content(f"Your statement of {PERIOD} is attached.")
        message.add_alternative(f"<p>Your statement of <b>{PERIOD}</b> is attached.</p>", subtype="html")
        for extension, kind, subtype in [("xlsx", "application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("html", "text", "html")]:
            with open(f"{path}.{extension}", "rb") as file:
                message.add_attachment(file.read(), maintype=kind, subtype=subtype, filename=f"{name}.{extension}")
        with open(f"{path}.eml", "wb") as file:
            file.write(message.as_bytes())
        sent += 1
    return sent


def stage(name, work):
    before, start = processor_seconds(), time.monotonic()
    result, count = work()
    wall, cpu = time.monotonic() - start, processor_seconds() - before
    # One process per core: what each needed at most, together.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if name != "import":
        peak += resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * os.cpu_count()
    print(json.dumps({"stage": name, "wall": wall, "cpu": cpu, "count": count, "peak": peak * 1024}), flush=True)
    return result


def processor_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def in_processes(work):
    with multiprocessing.Pool(os.cpu_count()) as pool:
        results = list(pool.imap_unordered(work, ACCOUNTS, chunksize=1))
        pool.close()
        pool.join()
    return results


if __name__ == "__main__":
    FOLDER, OUT = sys.argv[1:3]
    PERIOD = os.environ.get("PERIOD", "2026-05")
    os.makedirs(OUT, exist_ok=True)
    ACCOUNTS = {row["account_number"]: Record(**row) for row in rows_of(FOLDER, "accounts")}
    TARIFFS = {(row["tariff"], row["service_type"]): (Decimal(row["rate_per_minute"]), int(row["increment_seconds"]), int(row["minimum_seconds"]))
               for row in rows_of(FOLDER, "tariffs")}
    environment = jinja2.Environment(autoescape=True)
    environment.filters["clock"] = clock
    TEMPLATE = environment.from_string(PAGE)

    def statements():
        results = in_processes(write_account)
        return results, sum(count for _, _, count in results)

    def mail():
        return None, sum(in_processes(mail_account))

    stage("import", lambda: (None, import_usage(FOLDER, f"{OUT}/peer.db")))
    charges = stage("close", statements)
    stage("mail", mail)
    with open(f"{OUT}/charges.json", "w", encoding="utf-8") as file:
        json.dump({number: charge for number, charge, _ in charges}, file)
