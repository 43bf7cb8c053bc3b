"""The DataStream API."""
