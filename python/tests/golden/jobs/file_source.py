# order: any
"""Lines of files, of directories, of compressed files."""

import gzip
import os
import tempfile

from pyflink.common import Duration, Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import FileSource, StreamFormat

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
directory = tempfile.mkdtemp()


def write(name, data, opener=open):
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with opener(path, "wb") as file:
        file.write(data)
    return path


plain = write("plain.txt", b"one\ntwo\n\nfour without an end")
windows = write("windows.txt", b"a\r\nb\r\n")
empty = write("empty.txt", b"")
utf8 = write("utf8.txt", "ünï ✓\n".encode())
latin = write("latin.txt", "ünï\n".encode("latin-1"))
packed = write("packed.gz", b"p1\np2\n", gzip.open)
write("tree/a.txt", b"in a\n")
write("tree/deep/b.txt", b"in b\n")
write("tree/.hidden", b"hidden\n")
write("tree/_also", b"hidden too\n")


def show(name, *paths, charset="UTF-8"):
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(charset), *paths)
    stream = env.from_source(
        source.process_static_file_set().build(),
        WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(1)),
        "lines",
    )
    stream.map(lambda line: f"{name}: {line!r}", output_type=Types.STRING()).print()
    env.execute()


show("plain", plain)
show("windows", windows)
show("empty", empty)
show("utf8", utf8)
show("latin", latin, charset="ISO-8859-1")
show("packed", packed)
show("several", plain, packed)
show("tree", os.path.join(directory, "tree"))
show("uri", "file://" + plain)
