"""Benchmarks: `python -m bench [NAME…] [options]`; each module with a `run` is one."""
