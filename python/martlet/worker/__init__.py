"""The process in which Python functions run, and its parent.

``zygote`` is a warm Python that forks workers; ``loop`` is a worker: it reads OPEN, builds the
stage of functions, and lets ``martlet._native`` answer frames until the input ends. See
docs/worker-protocol.md.
"""
