"""Between the socket and Flask: ready pages and static files, turns for the rest, and what keeps the processes alive."""
