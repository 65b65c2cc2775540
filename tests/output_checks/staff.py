"""staff.py PROGRAM DIR PORT: a daemon with pages for staff that have much to say; prints where they are, and a link.

The demo's sample, then: a rerun that was rehearsed, rows that were rejected, a source with a file that is none, messages that came
back, are held and unknown, a month whose files are damaged. Serves until its input ends.
"""

import os, re, sqlite3, subprocess, sys, time, urllib.request

program, folder, port = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
AS_OF = "2009-06-05T06:00:00Z"
url, file = f"http://127.0.0.1:{port}", f"{folder}/statementd.toml"


def run(*arguments, check=True):
    done = subprocess.run([program, "--config", file, *arguments], cwd=folder, capture_output=True, text=True)
    if check and done.returncode not in (0, 3):
        sys.exit(f"{arguments}: {done.stderr}")
    return done.stdout


def write(name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


subprocess.run([program, "demo", "--dir", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
write("bridge/broken.xml", "<cdr><conference>")
with open(file, "a", encoding="utf-8") as more:
    more.write(f'[portal]\nlisten = "127.0.0.1:{port}"\nurl = "{url}"\nstaff = ["finance@op.example"]\n'
               f'[[intake]]\nname = "bridge"\nreader = "freeswitch-conference"\nfrom = "{folder}/bridge"\n'
               '[[rerun]]\nid = "2009-04-dearer"\nperiod = "2009-04"\nreason = "LOCAL was too cheap"\nstate = "rehearse"\n')
tariffs = open(os.path.join(folder, "sample", "tariffs.csv"), encoding="utf-8").read().splitlines()
dearer = [line.replace(",0.09,", ",0.11,") for line in tariffs[1:] if ",LOCAL," in line]
run("import", "tariffs", write("dearer.csv", "\n".join([tariffs[0], *dearer]) + "\n"), check=False)
usage = open(os.path.join(folder, "sample", "usage.csv"), encoding="utf-8").readline()
run("import", "usage", write("bad.csv", usage + "X-1,CX,999999,LOCAL,2009-05-10T11:00:00Z,2009-05-10T12:00:00Z,,\n"
                             "X-2,CX,332703,LOCAL,2009-05-10T13:00:00Z,2009-05-10T12:00:00Z,,\n"), check=False)
database = sqlite3.connect(f"{folder}/statementd.db", timeout=60)
for number, (state, said) in enumerate([("bounced", "550 5.1.1 <someone>: no such user here"), ("unknown", "the connection broke behind the message"),
                                        ("held", "held by finance, 2009-05-02")]):
    database.execute("UPDATE delivery SET state = ?, last_answer = ?, next_attempt_at = NULL WHERE delivery_key = "
                     "(SELECT delivery_key FROM delivery d JOIN statement s USING (statement_key) WHERE s.period = '2009-04' "
                     "ORDER BY delivery_key LIMIT 1 OFFSET ?)", (state, said, number))
database.commit()
database.close()
write("archive/2009-03/602127/r1/account.html", "not what was written")
daemon = subprocess.Popen([program, "--config", file, "run", "--as-of", AS_OF], cwd=folder, stdout=subprocess.DEVNULL,
                          stderr=open(f"{folder}/log", "w"))
try:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/staff/sign-in").read()
            break
        except OSError:
            time.sleep(0.2)
    database = sqlite3.connect(f"{folder}/statementd.db", timeout=60)
    for _ in range(300):
        if database.execute("SELECT COUNT(*) FROM rerun WHERE rehearsed_at IS NOT NULL").fetchone()[0]:
            break
        time.sleep(0.2)
    print(url, re.search(r"http\S+/staff/link/\S+", run("portal", "staff", "invite", "finance@op.example"))[0], flush=True)
    sys.stdin.read()
finally:
    daemon.terminate()
    daemon.wait()
