"""What the DataStream API and the Table API share: types, rows, time, configuration, jobs."""
