"""The way to the runtime: starting it, speaking to it, and what it says when something is wrong.

Nothing outside this package knows of py4j.
"""
