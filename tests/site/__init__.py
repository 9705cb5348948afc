"""The whole site at once: every route, every role, all that is stored; slower than a fast check allows."""
