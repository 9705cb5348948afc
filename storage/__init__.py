"""Beside the database: turns to write, copies and backups, files, and what is left of rows after they are gone."""
