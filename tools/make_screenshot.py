"""Makes docs/images/feedback.png: starts a demo, signs in as a pupil, photographs the feedback page.

Usage: python tools/make_screenshot.py [--chromium /usr/bin/chromium]. Needs the dependency group `system`.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

TARGET = Path(__file__).parents[1] / "docs" / "images" / "feedback.png"
PUPIL, TASK = "Anton Brückner", "Should schools start later?"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def main() -> None:
    """Start, click, photograph, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chromium = parser.parse_args().chromium
    with tempfile.TemporaryDirectory(prefix="lw-picture-") as name:
        Path(name).chmod(0o755)
        output = Path(name) / "out"
        environment = {**os.environ, "LEARNING_DATA_DIR": f"{name}/home", "WEB_PORT": "0"}
        with output.open("wb") as out:
            demo = subprocess.Popen(
                [sys.executable, "-m", "learning_worker", "demo"], env=environment, stdout=out, stderr=out
            )
        try:
            photograph(_address(demo, output), chromium)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _address(demo: subprocess.Popen[bytes], output: Path) -> str:
    while "Stop with Ctrl-C" not in output.read_text():
        if demo.poll() is not None:
            raise SystemExit(output.read_text())
        time.sleep(0.1)
    return next(word for word in output.read_text().split() if word.startswith("http://"))


def photograph(url: str, chromium: str) -> None:
    """The newest released feedback of the pupil."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = browser.new_page(viewport={"width": 1180, "height": 820}, locale="de-DE")
        page.goto(f"{url}/demo/sign-in")
        page.get_by_role("button", name=PUPIL).click()
        page.locator("button[name=language][value=en]").click()
        page.locator("li", has_text=TASK).locator("a[href^='/submissions/']").click()
        page.wait_for_load_state("networkidle")
        # The pupil's own words beside the criteria are what the page is about.
        page.get_by_role("heading", name="Your text").evaluate(
            "h => scrollTo(0, h.getBoundingClientRect().top + scrollY - 40)"
        )
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=TARGET)
        browser.close()


if __name__ == "__main__":
    main()
