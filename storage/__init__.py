"""Copies of the database, backups of the whole site, and files that are there whole or not at all."""
