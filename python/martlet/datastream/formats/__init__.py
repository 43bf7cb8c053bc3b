"""Formats of records: as messages, and as files."""
