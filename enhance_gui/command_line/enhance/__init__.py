"""``enhance-gui enhance``: options, the run, its reports."""
