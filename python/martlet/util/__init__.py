"""What does not belong to one API."""
