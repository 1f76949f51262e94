import logging
import sys

LOG = logging.getLogger("desk")


class Closed(Exception):
    pass


def ask(question):
    LOG.warning("asked: %s", question)
    print("asked aloud: " + question)
    sys.stderr.write("asked in writing: %s\n" % question)
    try:
        return {"time": 12}[question]
    except KeyError:
        LOG.exception("nobody knows")
        raise Closed("no answer to " + question)
