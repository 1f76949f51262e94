import subprocess
import sys


def run():
    done = subprocess.run([sys.executable, "plain.py"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RuntimeError("child failed:\n" + done.stdout.decode())


run()
