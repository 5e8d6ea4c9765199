# SPDX-License-Identifier: GPL-2.0-or-later
"""What passed: one line a check, and the totals."""


class Skip(Exception):
    """Something cannot run here; the text says why."""


class Results:
    """Counts checks, and prints each."""

    def __init__(self, log=None):
        self.passed = self.failed = self.skipped = 0
        self.log = log

    def say(self, line):
        print(line, flush=True)
        if self.log:
            print(line, file=self.log, flush=True)

    def check(self, name, good, *details):
        """One check; details are shown where it fails. Returns whether it holds."""
        number = self.passed + self.failed + self.skipped + 1
        if good:
            self.passed += 1
        else:
            self.failed += 1
        self.say("%s %d - %s" % ("ok" if good else "not ok", number, name))
        if not good:
            for detail in details:
                for line in str(detail).splitlines():
                    self.say("# " + line)
        return good

    def same(self, name, got, want):
        return self.check(name, got == want, "got  %r" % (got,), "want %r" % (want,))

    def skip(self, name, why):
        number = self.passed + self.failed + self.skipped + 1
        self.skipped += 1
        self.say("ok %d - %s # SKIP %s" % (number, name, why))

    def note(self, text):
        self.say("# " + text)
