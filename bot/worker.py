"""The analyst: reads and judges one job, for the command line and, in a process of its own, for the service."""
