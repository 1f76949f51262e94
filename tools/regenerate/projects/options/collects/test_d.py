import pytest

pytest.skip("not now")
