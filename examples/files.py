"""Read text files, keep the lines that hold a word, and write them to a folder.

    python examples/files.py --input TEXT --output FOLDER --word WORD

The part files appear when the job has finished with them: a reader never sees half a line.
"""

import argparse

from martlet.common import Encoder, WatermarkStrategy
from martlet.datastream import StreamExecutionEnvironment
from martlet.datastream.connectors.file_system import (
    FileSink,
    FileSource,
    OutputFileConfig,
    StreamFormat,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True, help="a text file, or a folder of them")
    parser.add_argument("--output", required=True, help="the folder to write to")
    parser.add_argument("--word", required=True, help="what a line has to hold")
    args = parser.parse_args()
    word = args.word

    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), args.input
    ).build()
    sink = (
        FileSink.for_row_format(args.output, Encoder.simple_string_encoder())
        .with_output_file_config(
            OutputFileConfig.builder().with_part_prefix("lines").with_part_suffix(".txt").build()
        )
        .build()
    )
    (
        env.from_source(source, WatermarkStrategy.no_watermarks(), "text")
        .filter(lambda line: word in line)
        .sink_to(sink)
    )
    env.execute("lines with a word")


if __name__ == "__main__":
    main()
