"""Run spaCy's own test suite on the installed thinc, and fail on a failure that is not a known one.

Usage: python tests/compat/run_spacy_suite.py [pytest arguments]
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

KNOWN = Path(__file__).with_name("spacy_known_failures.txt")
# Of 3592 with the published thinc; far fewer would mean that the suite was not found.
FEWEST_PASSED = 3500


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--pyargs", "spacy", "-q", "--tb=short", "-p", "no:cacheprovider"]
        # Started elsewhere, so that no source tree is found before the installed packages.
        subprocess.run([*command, f"--junitxml={report}", *sys.argv[1:]], cwd=folder)
        passed, failed = outcomes(ElementTree.parse(report))
    known = {line.split("#")[0].strip() for line in KNOWN.read_text("utf8").splitlines()} - {""}
    print(f"\n{len(passed)} passed, {len(failed)} failed, {len(failed & known)} of these known")
    for name in sorted(failed - known):
        print("NOT KNOWN:", name)
    for name in sorted(known & passed):
        print("known failure that passes here:", name)
    return int(bool(failed - known) or len(passed) < FEWEST_PASSED)


def outcomes(report: ElementTree.ElementTree) -> tuple[set[str], set[str]]:
    """The names of the tests that passed, and of those that failed or could not start."""
    passed, failed = set(), set()
    for case in report.iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed.add(name)
        elif "skipped" not in kinds:
            passed.add(name)
    return passed - failed, failed


if __name__ == "__main__":
    sys.exit(main())
