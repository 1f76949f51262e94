class Broken:
    name = "broken"
    version = "1"

    def __init__(self, tree):
        pass

    def run(self):
        raise LookupError("plug-in is broken")
