"""Where maintainers take reports: GitHub, Launchpad, a draft for everything else."""
