"""Between the socket and Flask: ready pages and files, turns for the rest, what keeps processes alive and texts as they are now."""
