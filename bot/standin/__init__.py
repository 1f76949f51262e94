"""A stand-in for github.com, held to GitHub's published description: for the demonstration and the tests."""
