"""A cluster that these tests share, since its workers take seconds to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.service.work.cluster.clusters import Cluster, a_cluster


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run a scheduler and two workers."""
    with a_cluster(tmp_path_factory.mktemp("shared") / "cluster", workers=2) as running:
        yield running
