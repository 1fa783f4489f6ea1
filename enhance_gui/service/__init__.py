"""The enhancement service: a server of the complete documented API.

Its parts, from the network down to the pixels::

    assembly  puts the parts together
    running   one run of it: what goes on beside the answering, and how it ends
    http/     server and connections; HTTP with its addresses, bodies and envelopes; who may ask
    tasks/    what createtask, gettask, deletetask and the upload do; intake, records, ends
    store/    what survives a kill: tasks, queue and usage in SQLite, pictures in folders
    work/     runs the queue: worker processes, their slots, memory and speeds
    engine/   the pixel work
    settings  what the operator decides
    users     who has a token

Worker processes import only :mod:`enhance_gui.service.work.worker` and what it names: nothing of
HTTP.
"""
