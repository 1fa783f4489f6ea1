"""Measures the enhancement engine: ``python -m tests.benchmarks.engine``."""

import os

# As in a worker; read when ncnn and numpy are loaded.
os.environ["OMP_WAIT_POLICY"] = "passive"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
