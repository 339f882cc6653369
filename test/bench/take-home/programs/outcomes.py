"""A plugin of pytest: writes what became of each test as a line of JSON to the file that TAKE_HOME_OUTCOMES names."""

import json
import os


def pytest_runtest_logreport(report):
    if report.when != "call" and report.outcome == "passed":
        return
    crash = getattr(report.longrepr, "reprcrash", None)
    why = crash.message if crash else ""
    with open(os.environ["TAKE_HOME_OUTCOMES"], "a") as file:
        file.write(json.dumps({"test": report.nodeid, "outcome": report.outcome, "why": why}) + "\n")
