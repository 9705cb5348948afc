"""Between the socket and Flask: ready pages from memory, turns for the rest, and what keeps the processes alive."""
