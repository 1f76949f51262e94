import os
def add(a: int) -> int:
    return a + "1"
