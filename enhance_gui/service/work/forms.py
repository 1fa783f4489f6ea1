"""Chooses where the pixel work is done: on this computer, or on a cluster."""

from __future__ import annotations

import logging

from enhance_gui.service.settings import ServiceSettings, processor_count
from enhance_gui.service.work.local import LocalSlots
from enhance_gui.service.work.memory import physical_bytes, workers_within
from enhance_gui.service.work.slots import JobSlots

_LOG = logging.getLogger(__name__)


def slots_for(settings: ServiceSettings) -> JobSlots:
    """Return the slots of a service.

    :raises UsageError: the cluster cannot be used.
    """
    if settings.cluster:
        # Loads Dask, which takes a second and need not be installed.
        from enhance_gui.service.work.cluster import cluster_slots

        return cluster_slots(settings)
    processors = processor_count()
    wanted = min(settings.workers, processors)
    workers = workers_within(physical_bytes(), wanted, settings.worker_bytes)
    if workers < settings.workers:
        what = "memory is" if workers < wanted else "processors are"
        _LOG.warning("the %s enough for %d workers, not %d", what, workers, settings.workers)
    return LocalSlots(workers, settings.worker_bytes, processors // workers)
