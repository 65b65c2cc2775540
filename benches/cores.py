#!/usr/bin/env python3
"""What more cores would give: publishing simulated from what an account costs on two, where only the writer is one.

    benches/cores.py [--cpu 28.8] [--writer 0.46] [--sync 1.4] [--group 1]

Each account of eleven statements takes `cpu` ms of any core, then the one writing transaction: `writer` ms of a core and `sync` ms of waiting for
the disk, once for `group` accounts that are ready together. As many are under way as cores and four, as in the program; the times
vary as an exponential distribution does. Prints accounts a second, and how much of the cores and of the writer is used.
"""

import argparse, heapq, random


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", type=float, default=28.8, help="ms of a core per account")
    parser.add_argument("--writer", type=float, default=0.46, help="ms of the writer per account")
    parser.add_argument("--sync", type=float, default=1.4, help="ms until a transaction is on disk")
    parser.add_argument("--group", type=int, default=1, help="accounts in a transaction at most")
    options = parser.parse_args()
    print("| cores | accounts/s | cores used | writer used |\n| ---: | ---: | ---: | ---: |")
    for cores in (2, 4, 8, 16, 32, 64):
        rate, busy, writing = publish(cores, options)
        print(f"| {cores} | {rate:,.0f} | {busy:.0%} | {writing:.0%} |")


def publish(cores, options, accounts=20_000):
    """Accounts a second, and the shares of the cores' and of the writer's time."""
    chance = random.Random(1)
    now, done, busy, writing = 0.0, 0, 0.0, 0.0
    waiting_for_core, waiting_for_writer, running, is_writing = cores + 4, 0, 0, False
    events = []
    while done < accounts:
        while waiting_for_core and running < cores:
            took = chance.expovariate(1 / options.cpu)
            heapq.heappush(events, (now + took, "rendered", 1))
            busy, running, waiting_for_core = busy + took, running + 1, waiting_for_core - 1
        if waiting_for_writer and not is_writing:
            group = min(waiting_for_writer, options.group)
            took = group * options.writer + chance.expovariate(1 / options.sync)
            heapq.heappush(events, (now + took, "written", group))
            writing, is_writing, waiting_for_writer = writing + took, True, waiting_for_writer - group
        now, what, count = heapq.heappop(events)
        if what == "rendered":
            running, waiting_for_writer = running - 1, waiting_for_writer + 1
        else:
            is_writing, done, waiting_for_core = False, done + count, waiting_for_core + count
    return done / now * 1000, busy / now / cores, writing / now


if __name__ == "__main__":
    main()
