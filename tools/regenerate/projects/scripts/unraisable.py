class Handle(object):
    def __del__(self):
        raise RuntimeError("cannot close")


def use():
    handle = Handle()
    del handle


use()
print("done")
