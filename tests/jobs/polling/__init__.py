"""The poller before its judge: a simulation on a virtual clock that drives the program's class."""
