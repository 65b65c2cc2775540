"""mails.py FOLDER…: parses every mail below the folders and lets SpamAssassin's local rules judge it.

Mails are `*.eml` as the file transport writes them; of the gallery, which has bodies only, messages are made here.
A fault is a part that is missing or does not decode, or a score of 2 and more.
"""

import email
import email.policy
import pathlib
import re
import subprocess
import sys
from email.message import EmailMessage

LARGEST_SCORE = 2.0
faults = 0


def fault(*words):
    global faults
    faults += 1
    print(*words)


def from_gallery(folder):
    """The message that the bodies in a folder of the gallery would make."""
    subject, text = (folder / "mail.txt").read_text().split("\n\n", 1)
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = "MeetingOne <statements@meetingone.example>"
    message["To"] = "compta@phoenix.example"
    message["Subject"] = subject.removeprefix("Subject: ")
    message["Date"] = "Tue, 02 Jun 2009 06:00:00 +0000"
    message["Message-ID"] = f"<{folder.name}@meetingone.example>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative((folder / "mail.html").read_text(), subtype="html")
    message.add_attachment((folder / "account.xlsx").read_bytes(), maintype="application",
                           subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet", filename="602127-2009-05.xlsx")
    return message.as_bytes()


def check(name, raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    if message.defects or text is None or html is None:
        fault(name, "lacks a part or has defects:", message.defects)
        return
    for part in message.walk():
        if part.defects:
            fault(name, part.get_content_type(), part.defects)
    if "<html" not in html.get_content() or not text.get_content().strip():
        fault(name, "has an empty part")
    # Of the hostile gallery the names are the test, not the mail.
    report = subprocess.run(["spamassassin", "-L", "-t"], input=raw, capture_output=True).stdout.decode(errors="replace")
    score = re.search(r"score=(-?[0-9.]+)", report)
    if score is None or float(score[1]) >= LARGEST_SCORE:
        fault(name, "scores", score and score[1], re.findall(r"tests=([^ ]+)", report.replace("\n\t", ""))[:1])


def main(folders):
    for folder in map(pathlib.Path, folders):
        # Formats and currencies make no other mails: a few kinds are enough for a slow judge.
        for kind in ("may", "corrected", "late", "empty", "de-DE", "en-GB"):
            if (folder / kind / "mail.txt").exists():
                check(f"{folder}/{kind}", from_gallery(folder / kind))
        for path in sorted(folder.rglob("*.eml")):
            check(path, path.read_bytes())
    sys.exit(1 if faults else 0)


main(sys.argv[1:])
