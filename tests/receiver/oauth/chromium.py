"""A Chromium without a screen, driven by its own protocol over a pipe: it opens, presses, looks.

The protocol: chromedevtools.github.io/devtools-protocol. Messages are JSON, each ended by a NUL.
"""

import base64
import json
import os
import shutil
import subprocess
import time

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
_QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PATIENCE = 60.0  # seconds


class Chromium:
    """A browser with its own cookies, and one page. `folder` keeps all it remembers."""

    def __init__(self, folder):
        reads, self._to = os.pipe()
        self._from, writes = os.pipe()
        # the browser reads from its descriptor 3 and writes to its 4
        command = f'exec "$@" 3<&{reads} 4>&{writes}'
        options = [*_QUIET, "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", command, "bash", CHROMIUM, *options, "about:blank"],
            pass_fds=(reads, writes),
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._read, self._count, self._page = b"", 0, {}
        target = self._say("Target.createTarget", url="about:blank")["targetId"]
        attached = self._say("Target.attachToTarget", targetId=target, flatten=True)
        self._page = {"sessionId": attached["sessionId"]}
        light = [{"name": "prefers-color-scheme", "value": "light"}]
        self._say("Emulation.setEmulatedMedia", features=light)

    def end(self):
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def open(self, url):
        """Go to an address, and wait until the page there is whole."""
        self._say("Page.navigate", url=url)
        return self

    def press(self):
        """Press the page's button, as a hand would."""
        self.wait("document.querySelector('button')")
        self._run("document.querySelector('button').click()")
        return self

    def reason(self):
        """Return the reason code of the page that it ends at."""
        return self.wait("document.querySelector('code')?.innerText")

    def wait(self, expression):
        """Return what an expression comes to on the page, as soon as that is something."""
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            if found := self._run(f"({expression}) || null"):
                return found
            time.sleep(0.02)
        raise AssertionError(self._run("document.documentElement.outerHTML"))

    def picture(self, path):
        """Write what is to be seen into a file."""
        shape = {"width": 900, "height": 600, "deviceScaleFactor": 1, "mobile": False}
        self._say("Emulation.setDeviceMetricsOverride", **shape)
        path.write_bytes(base64.b64decode(self._say("Page.captureScreenshot")["data"]))

    def _run(self, expression):
        """Return what an expression comes to, None while there is no page to ask."""
        said = self._say("Runtime.evaluate", expression=expression, returnByValue=False)
        return said.get("result", {}).get("value") or said.get("result", {}).get("objectId")

    def _say(self, method, **parameters):
        self._count += 1
        told = {"id": self._count, "method": method, "params": parameters, **self._page}
        os.write(self._to, json.dumps(told).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            pass
        return answer.get("result", {})

    def _next(self):
        while b"\0" not in self._read:
            came = os.read(self._from, 1 << 20)
            assert came, "Chromium is gone"
            self._read += came
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)
