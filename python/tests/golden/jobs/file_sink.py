"""Files: their names, and what is in them."""

import os
import re
import shutil
import tempfile

from pyflink.common import Encoder, Types
from pyflink.datastream import RuntimeExecutionMode, StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import (
    BucketAssigner,
    FileSink,
    OutputFileConfig,
    RollingPolicy,
)  # fmt: skip

UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
pair = Types.TUPLE([Types.STRING(), Types.INT()])


def show(name, mode, stream_type, values, configure):
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    env.set_runtime_mode(mode)
    directory = tempfile.mkdtemp()
    builder = configure(FileSink.for_row_format(directory, Encoder.simple_string_encoder()))
    env.from_collection(values, type_info=stream_type).sink_to(builder.build())
    env.execute()
    print(f"-- {name}, {mode.name}", flush=True)
    for folder, _, files in sorted(os.walk(directory)):
        for file in sorted(files, key=lambda f: UUID.sub("", f)):
            path = os.path.join(folder, file)
            where = os.path.relpath(path, directory)
            with open(path, encoding="utf-8") as opened:
                print(re.sub(r"\d{4}-\d\d-\d\d--\d\d", "HOUR", UUID.sub("UUID", where)))
                print(opened.read(), end="", flush=True)
    shutil.rmtree(directory)


pairs = [("a", 1), ("é", 2), ("c", 3)]
texts = ["one", "two", "three"]
for mode in (RuntimeExecutionMode.BATCH, RuntimeExecutionMode.STREAMING):
    show("default", mode, pair, pairs, lambda b: b)
    show(
        "base path",
        mode,
        Types.STRING(),
        texts,
        lambda b: b.with_bucket_assigner(BucketAssigner.base_path_bucket_assigner()),
    )
    show(
        "names",
        mode,
        Types.INT(),
        [1, 2],
        lambda b: b.with_output_file_config(
            OutputFileConfig.builder().with_part_prefix("pre").with_part_suffix(".txt").build()
        ),
    )
    show(
        "by size",
        mode,
        Types.STRING(),
        texts,
        lambda b: b.with_bucket_assigner(
            BucketAssigner.base_path_bucket_assigner()
        ).with_rolling_policy(RollingPolicy.default_rolling_policy(part_size=5)),
    )
    show(
        "on checkpoint",
        mode,
        Types.STRING(),
        texts,
        lambda b: b.with_rolling_policy(RollingPolicy.on_checkpoint_rolling_policy()),
    )
    show("rows", mode, Types.ROW([Types.STRING(), Types.INT()]), pairs, lambda b: b)
