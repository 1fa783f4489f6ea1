"""Has a Dask cluster do the jobs: pictures travel as bytes, workers come and go.

Dask is the pip extra ``cluster``, and takes a second to load: nothing is loaded from here before a
cluster is asked for.
"""

from __future__ import annotations

from typing import Final

from enhance_gui.core.errors import UsageError
from enhance_gui.service.settings import ServiceSettings
from enhance_gui.service.work.slots import JobSlots

_NOT_INSTALLED: Final = (
    "a cluster needs Dask, which is not installed: “pip install 'enhance-gui[cluster]'” brings it"
)
_NO_ADDRESS: Final = (
    "{address} is not the address of a Dask scheduler: it is written tcp://HOST:PORT, or "
    "tls://HOST:PORT where the traffic is encrypted"
)


def check_cluster(address: str) -> None:
    """Make sure that Dask is installed and the address is one of its own; connects nowhere.

    :raises UsageError: with the sentence for the person.
    """
    protocol, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if protocol not in ("tcp", "tls") or not host or not port.isascii() or not port.isdecimal():
        raise UsageError(_NO_ADDRESS.format(address=address))
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise UsageError(_NOT_INSTALLED) from error


def cluster_slots(settings: ServiceSettings) -> JobSlots:
    """Return the slots of the cluster that the settings name.

    :raises UsageError: it cannot be one, or Dask is not installed.
    """
    check_cluster(settings.cluster)
    from enhance_gui.service.work.cluster.slots import ClusterSlots

    return ClusterSlots(settings.cluster, settings.workers, settings.worker_bytes)
