"""The package index: releases, files, metadata, API differences; cached, as of an instant."""
