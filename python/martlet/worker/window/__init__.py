"""The window operator: what a step on a windowed stream does in its worker."""
