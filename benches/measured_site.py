"""A daemon with the online consultation on a loopback address, its data in one folder: what online.py and staff.py measure."""

import os


class Site:
    def __init__(self, options, work, settings=""):
        """`settings`: lines of the table [portal], and what comes behind it."""
        self.options, self.work = options, work
        self.program = [os.path.abspath(os.path.join(options.target, "statementd"))]
        self.port = 18000 + os.getpid() % 2000
        self.config = f"{work}/statementd.toml"
        with open(self.config, "w") as file:
            file.write(f'[database]\nurl = "sqlite://{work}/s.db"\n[archive]\nurl = "file:{work}/archive"\n'
                       f'[mail]\ntransport = "file"\ndir = "{work}/mail"\nfrom = "a@example.com"\n'
                       f'[portal]\nlisten = "127.0.0.1:{self.port}"\nurl = "http://127.0.0.1:{self.port}"\n{settings}')

    def write(self, name, lines):
        with open(f"{self.work}/{name}", "w") as file:
            file.writelines(lines)
        return f"{self.work}/{name}"
