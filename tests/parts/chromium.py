"""A headless Chromium with the shared libraries that a bare machine lacks, from the npm package `@sparticuz/chromium`.

The package holds brotli files, which Node unpacks; its own unpacker is not used, since it writes to the temporary
folder and decides by the vendor's cloud which libraries it lays there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.parts import npm
from tests.parts.attempts import unpack

VERSION = "153.0.0"
UNPACK = """
const zlib = require("zlib"), fs = require("fs"), { pipeline } = require("stream/promises");
const [from, to] = process.argv.slice(1);
(async () => { for (const name of ["chromium", "al2023.tar", "fonts.tar"])
  await pipeline(fs.createReadStream(`${from}/bin/${name}.br`), zlib.createBrotliDecompress(),
                 fs.createWriteStream(`${to}/${name}`)); })();
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def fetch(into: Path) -> int:
    """Make `into` hold `chromium`, `lib/` and `fonts/`; the bytes downloaded."""
    if (into / npm.MARK).exists() and (into / npm.MARK).read_text() == VERSION:
        return 0
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".chromium-") as scratch:
        packed, made = Path(scratch) / "packed", Path(scratch) / "made"
        size = npm.package("@sparticuz/chromium", VERSION, packed)
        made.mkdir()
        subprocess.run([npm.node(), "-e", UNPACK, packed, made], check=True, timeout=300)
        for name in ("al2023.tar", "fonts.tar"):
            unpack(made / name, made)
            (made / name).unlink()
        (made / "chromium").chmod(0o755)
        (made / "fonts.conf").write_text(FONTS)
        _verify(made)
        (made / npm.MARK).write_text(VERSION)
        shutil.rmtree(into, ignore_errors=True)
        made.rename(into)
    return size


def environment(part: Path) -> dict[str, str]:
    """What Chromium needs of the environment: its own libraries and fonts, behind the machine's."""
    paths = [row for row in (os.environ.get("LD_LIBRARY_PATH"), str(part / "lib")) if row]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(paths), "FONTCONFIG_PATH": str(part)}


def _verify(made: Path) -> None:
    """Raise unless the browser starts and says its version."""
    done = subprocess.run(
        [made / "chromium", "--version"],
        env=environment(made),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode or VERSION.split(".", maxsplit=1)[0] not in done.stdout:
        raise RuntimeError(f"the browser does not start: {(done.stderr or done.stdout).strip()[:200]}")
