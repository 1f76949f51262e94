from PySide6.QtCore import QObject, QTimer, Signal


class Till(QObject):
    opened = Signal(int)


def opens(count):
    raise KeyError("drawer")


def test_slot(qtbot):
    till = Till()
    till.opened.connect(opens)
    till.opened.emit(3)


def test_waits(qtbot):
    till = Till()
    with qtbot.waitSignal(till.opened, timeout=50):
        QTimer.singleShot(1000, lambda: None)
