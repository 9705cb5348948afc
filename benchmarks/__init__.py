"""Benchmarks of the site; `make bench-growth` runs what is here so far."""
