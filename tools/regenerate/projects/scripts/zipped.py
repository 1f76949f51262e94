import sys
import zipfile

with zipfile.ZipFile("lib.zip", "w") as archive:
    archive.writestr("zipped_module.py", "def fail():\n    raise ArithmeticError('from a zip')\n")
sys.path.insert(0, "lib.zip")

import zipped_module

zipped_module.fail()
