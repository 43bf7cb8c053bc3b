"""Around the operators: partitioning, chaining, parallelism, names, formats of files.

Left out: partition_custom in batch mode, which fails in PyFlink 2.3; JSON and CSV row schemas,
which only connectors can use.
"""

from kit import STREAMING, events, job
from pyflink.common import Row, Types
from pyflink.datastream import OutputTag
from pyflink.datastream.functions import KeyedProcessFunction, Partitioner, ProcessFunction
from pyflink.datastream.state import ValueStateDescriptor

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])
PAIRS = [("a", 1), ("b", 10), ("a", 2), ("c", 100), ("b", 20)]


class Total(KeyedProcessFunction):
    def open(self, context):
        self.total = context.get_state(ValueStateDescriptor("total", Types.INT()))

    def process_element(self, value, ctx):
        self.total.update((self.total.value() or 0) + value[1])
        yield value[0], self.total.value()


def totals(stream):
    return stream.key_by(lambda v: v[0], Types.STRING()).process(Total(), PAIR)


@job(alone=True, order="any")
def without_chaining(env):
    env.disable_operator_chaining()
    return totals(env.from_collection(PAIRS, PAIR)).map(lambda v: v, PAIR).filter(lambda v: True)


@job(order="any")
def chains_cut(env):
    return (
        totals(env.from_collection(PAIRS, PAIR))
        .map(lambda v: v, PAIR)
        .start_new_chain()
        .map(lambda v: (v[0], -v[1]), PAIR)
        .disable_chaining()
        .filter(lambda v: True)
    )


@job(order="any")
def a_slot_of_its_own(env):
    return totals(env.from_collection(PAIRS, PAIR)).slot_sharing_group("mine")


@job(alone=True, order="any")
def max_parallelism_of_the_environment(env):
    env.set_max_parallelism(7)
    return totals(env.from_collection(PAIRS, PAIR))


@job(order="any")
def max_parallelism_of_an_operator(env):
    class Tell(KeyedProcessFunction):
        def open(self, context):
            self.context = context

        def process_element(self, value, ctx):
            yield value, self.context.get_max_number_of_parallel_subtasks()

    return (
        env.from_collection(PAIRS, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Tell())
        .set_max_parallelism(12)
    )


@job(order="any")
def parallelism_of_operators(env):
    return (
        totals(env.from_collection(PAIRS, PAIR))
        .set_parallelism(3)
        .map(lambda v: v, PAIR)
        .set_parallelism(2)
    )


@job(order="any")
def keyed_state_at_a_parallelism_of_three(env):
    values = [(f"k{i % 10}", i) for i in range(50)]
    return totals(env.from_collection(values, PAIR)).set_parallelism(3).filter(lambda v: v[1] > 100)


@job(order="any")
def a_key_has_one_instance(env):
    class Tell(KeyedProcessFunction):
        def open(self, context):
            self.index = context.get_index_of_this_subtask()
            self.first = context.get_state(ValueStateDescriptor("first", Types.INT()))

        def process_element(self, value, ctx):
            if self.first.value() is None:
                self.first.update(self.index)
            yield value[0], self.first.value() == self.index

    values = [(f"k{i % 5}", i) for i in range(20)]
    return (
        env.from_collection(values, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Tell())
        .set_parallelism(4)
    )


@job(order="any")
def forced_to_one(env):
    class Count(ProcessFunction):
        def open(self, context):
            self.n = 0

        def process_element(self, value, ctx):
            self.n += 1
            yield self.n

    return env.from_collection(PAIRS, PAIR).process(Count(), Types.INT()).force_non_parallel()


@job(order="any")
def partitioned_then_keyed(env):
    source = env.from_collection(PAIRS, PAIR)
    only_sum = [
        totals(way).filter(lambda v: v[1] in (3, 30, 100))
        for way in (source.rebalance(), source.rescale(), source.forward(), source.shuffle())
    ]
    return only_sum


@job(order="any", modes=STREAMING)
def partitioned_by_hand(env):
    class Mod(Partitioner):
        def partition(self, key, num_partitions):
            return key % num_partitions

    class Where(ProcessFunction):
        def open(self, context):
            self.index = context.get_index_of_this_subtask()

        def process_element(self, value, ctx):
            yield value, self.index

    return (
        env.from_collection([0, 1, 2, 3, 4, 5], Types.INT())
        .partition_custom(Mod(), lambda v: v)
        .process(Where())
        .set_parallelism(2)
    )


@job(order="any")
def timestamps_through_a_rebalance(env):
    class Tell(ProcessFunction):
        def process_element(self, value, ctx):
            yield value, ctx.timestamp()

    return events(env, PAIRS, PAIR).rebalance().process(Tell())


@job(order="any")
def uids_and_names(env):
    stream = totals(env.from_collection(PAIRS, PAIR)).name("total").uid("total-uid")
    return stream.set_description("sums up").map(lambda v: v, PAIR).uid("map-uid")


@job()
def names_of_operations(env):
    source = env.from_collection(PAIRS, PAIR)
    keyed = source.key_by(lambda v: v[0], Types.STRING())

    class Nothing(ProcessFunction):
        def process_element(self, value, ctx):
            return []

    return [
        source.process(Nothing()).get_name(), keyed.process(Total()).get_name(),
        source.union(source).map(lambda v: v).get_name(),
        keyed.count_window(2).reduce(lambda a, b: a).get_name(),
        source.process(Nothing()).get_side_output(OutputTag("x")).get_name(),
    ]  # fmt: skip


@job()
def types_of_results(env):
    source = env.from_collection(PAIRS, PAIR)
    keyed = source.key_by(lambda v: v[0], Types.STRING())
    return [
        repr(stream.get_type())
        for stream in (
            source, keyed.process(Total()), keyed.process(Total(), PAIR), keyed.sum(1),
            keyed.filter(bool), keyed.map(lambda v: v), keyed.count_window(2).reduce(max),
            source.process(Nop()).get_side_output(OutputTag("x", Types.INT())),
        )
    ]  # fmt: skip


class Nop(ProcessFunction):
    def process_element(self, value, ctx):
        return []


@job()
def an_empty_collection_of_results(env):
    return env.from_collection(PAIRS, PAIR).process(Nop(), PAIR)


@job()
def two_collections_of_a_keyed_stream(env):
    keyed = env.from_collection(PAIRS, PAIR).key_by(lambda v: v[0], Types.STRING())
    return [keyed.process(Total(), PAIR), keyed.sum(1), keyed.map(lambda v: v[1], Types.INT())]


@job(order="any")
def a_diamond(env):
    source = env.from_collection(PAIRS, PAIR)
    small = source.filter(lambda v: v[1] < 10).map(lambda v: (v[0] + "<", v[1]), PAIR)
    large = source.filter(lambda v: v[1] >= 10).map(lambda v: (v[0] + ">", v[1]), PAIR)
    return totals(small.union(large)).filter(lambda v: v != ("a<", 1) and v != ("a<", 2))


@job()
def csv_files(env):
    """CSV by way of a file, which needs no connector."""
    import tempfile
    from pathlib import Path

    from pyflink.common import WatermarkStrategy
    from pyflink.datastream.connectors.file_system import FileSource
    from pyflink.datastream.formats.csv import CsvReaderFormat, CsvSchema
    from pyflink.table import DataTypes

    path = Path(tempfile.mkdtemp()) / "numbers.csv"
    path.write_text('1,a,1.5\n2,"b, c",-2\n3,,0\n')
    schema = (
        CsvSchema.builder()
        .add_number_column("id", DataTypes.BIGINT())
        .add_string_column("name")
        .add_number_column("x", DataTypes.DOUBLE())
        .build()
    )
    source = FileSource.for_record_stream_format(CsvReaderFormat.for_schema(schema), str(path))
    parallelism = env.get_parallelism()
    env.set_parallelism(1)
    stream = env.from_source(source.build(), WatermarkStrategy.no_watermarks(), "csv").map(
        lambda row: repr(Row(*row)), Types.STRING()
    )
    env.set_parallelism(parallelism)
    return stream
