"""Steps whose results come later: coroutines on an event loop of their own thread."""
