"""What is told about the running site: log lines, metrics, and how long each request took."""
