import json
import xml.dom.minidom


def parse(text):
    return json.loads(text)


try:
    parse("{'a': 1}")
except ValueError as error:
    try:
        xml.dom.minidom.parseString("<a>")
    except Exception as other:
        other.__cause__ = error
        raise
