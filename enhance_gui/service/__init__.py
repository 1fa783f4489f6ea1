"""The bundled enhancement service: the documented API, complete, on this computer.

Built of small parts, each of which knows only the ones below it::

    server, connections      listens, announces itself, ends cleanly
    application              HTTP: addresses, bodies, envelopes
    gate, hosts, token_throttle
                             who may ask at all
    calls                    what createtask, gettask, deletetask and the upload do
    task_runner, callbacks   what happens to a task afterwards
    intake, fetch_turns      pictures on their way in
    room                     what there is no room for
    records                  a task as the document describes it
    task_store, file_store   what survives a kill: tasks in SQLite, pictures in folders
    worker_slot, worker      processes in which the pixel work runs
    engine                   the pixel work
    settings, memory, status, refusals

Worker processes import only :mod:`worker` and what it names: nothing of HTTP.
"""
