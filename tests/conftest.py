from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says more about the machine's load than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _no_traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep compiled networks and measured choices out of the user's cache, and let the first start
    settle what runs a network: what else the machine does must not change what a test sees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNMASK_LIVE_CACHE", str(tmp_path_factory.mktemp("engine-cache")))
        patch.setattr("unmask_live.runtime.trial.busy", lambda: False)
        patch.setattr("unmask_live.runtime.trial.STARTS", 1)
        yield
