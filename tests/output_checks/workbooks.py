"""workbooks.py LIST FOLDER: reads every workbook named in LIST with openpyxl and has LibreOffice recalculate it.

A fault is a cell of the wrong type, a name that Excel refuses, tables that overlap, a formula whose result differs from
the one that is stored, or a total that differs from account.json. Large workbooks are only recalculated.
"""

import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal

import openpyxl

CONFERENCES = ["DATE", "START TIME", "ROOM NUMBER", "CARDHOLDER", "PARTICIPANTS", "BILLING CODE", "CONFERENCE LENGTH",
               "ACCUMULATED TIME", "CHARGES", "SERVICE TYPE"]
TYPES = {"DATE": datetime.datetime, "START TIME": datetime.time, "ROOM NUMBER": str, "CARDHOLDER": str,
         "PARTICIPANTS": (int, float), "BILLING CODE": str, "CONFERENCE LENGTH": datetime.timedelta,
         "ACCUMULATED TIME": datetime.timedelta, "CHARGES": (int, float), "SERVICE TYPE": str, "CONFERENCE ID": str,
         "JOINED": datetime.datetime, "LEFT": datetime.datetime, "DURATION": datetime.timedelta}
STORED = re.compile(rb"(</f>)<v>[^<]*</v>")
faults = 0


def fault(*words):
    global faults
    faults += 1
    print(*words)


def check_names(path, book):
    tables, names = [], set()
    for sheet in book.worksheets:
        if len(sheet.title) > 31 or re.search(r"[\[\]:*?/\\]", sheet.title):
            fault(path, "sheet name", sheet.title)
        for table in sheet.tables.values():
            if table.name.lower() in names or not re.fullmatch(r"[A-Za-z_\\][A-Za-z0-9_.]*", table.name):
                fault(path, "table name", table.name)
            names.add(table.name.lower())
            tables.append((sheet.title, openpyxl.utils.range_boundaries(table.ref)))
    for index, (sheet, (left, top, right, bottom)) in enumerate(tables):
        for other, (left2, top2, right2, bottom2) in tables[index + 1:]:
            if sheet == other and left <= right2 and left2 <= right and top <= bottom2 and top2 <= bottom:
                fault(path, "tables overlap on", sheet)


def check_types(path, book):
    for sheet in book.worksheets:
        if not sheet.title.startswith(("Conferences", "Participants")):
            continue
        rows = sheet.iter_rows()
        headings = [cell.value for cell in next(rows)]
        if sheet.title == "Conferences" and headings[:10] != CONFERENCES:
            fault(path, "headings", headings)
        for row in list(rows)[:-1]:
            for heading, cell in zip(headings, row):
                expected = TYPES.get(heading)
                if cell.data_type == "f" or (expected and cell.value is not None and not isinstance(cell.value, expected)):
                    # openpyxl reads a whole number of days as a date and midnight as a time: both are numbers.
                    if not (isinstance(cell.value, (datetime.time, datetime.timedelta)) and cell.data_type == "d"):
                        fault(path, sheet.title, cell.coordinate, heading, cell.data_type, repr(cell.value)[:80])


def check_totals(path, results):
    document = path.with_name("account.json")
    if path.name != "account.xlsx" or not document.exists():
        return
    totals = json.loads(document.read_text())["totals"]
    names = openpyxl.load_workbook(path).defined_names
    for name, expected in [("TotalCharge", Decimal(totals["charge"])), ("TotalConferences", totals["conferences"]),
                           ("TotalParticipants", totals["participants"]),
                           ("TotalAccumulatedTime", totals["accumulated_seconds"])]:
        sheet, cell = names[name].attr_text.replace("$", "").split("!")
        value = results[sheet][cell].value
        if name == "TotalAccumulatedTime":
            value = round(as_number(value) * 86400)
        if Decimal(str(value)) != Decimal(str(expected)):
            fault(path, name, "is", value, "and not", expected)


def as_number(value):
    """Days, whatever openpyxl makes of a cell with a time format."""
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / 86400
    if isinstance(value, datetime.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, datetime.datetime):
        return (value - datetime.datetime(1899, 12, 30)).total_seconds() / 86400
    return value


def without_results(path, target):
    """A copy whose formulas have no stored result, so that it must be computed."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for item in source.namelist():
            data = source.read(item)
            copy.writestr(item, STORED.sub(rb"\1", data) if item.startswith("xl/worksheets/sheet") else data)


def check_formulas(path, stored, computed):
    formulas = openpyxl.load_workbook(path)
    count = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                count += 1
                kept = as_number(stored[sheet.title][cell.coordinate].value)
                made = as_number(computed[sheet.title][cell.coordinate].value)
                if kept is None or made is None or abs(kept - made) > 1e-9 * max(1, abs(kept)):
                    fault(path, sheet.title, cell.coordinate, cell.value, "is stored as", kept, "and computed as", made)
    if count == 0:
        fault(path, "has no formula")


def main(listing, folder):
    paths = [pathlib.Path(line) for line in pathlib.Path(listing).read_text().split("\n") if line]
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    bare, recalculated = folder / "bare", folder / "recalculated"
    bare.mkdir(parents=True)
    copies = {path: bare / f"{index}.xlsx" for index, path in enumerate(paths)}
    for path, copy in copies.items():
        without_results(path, copy)
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xlsx",
                    "--outdir", str(recalculated), *map(str, copies.values())], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    for path, copy in copies.items():
        stored = openpyxl.load_workbook(path, data_only=True)
        computed = openpyxl.load_workbook(recalculated / copy.name, data_only=True)
        check_names(path, stored)
        check_types(path, stored)
        check_totals(path, computed)
        check_formulas(path, stored, computed)
    sys.exit(1 if faults else 0)


main(*sys.argv[1:])
