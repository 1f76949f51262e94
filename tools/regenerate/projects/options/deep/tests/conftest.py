import pytest
from missing_package import thing


@pytest.fixture
def till():
    return thing
