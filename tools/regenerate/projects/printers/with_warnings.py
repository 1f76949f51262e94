import warnings

import shop


def old():
    warnings.warn("shop.total is old", FutureWarning, stacklevel=2)


old()
