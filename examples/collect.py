"""Bring a stream's results back to the script, as they come or all at once.

python examples/collect.py
"""

from martlet.common import Types
from martlet.datastream import StreamExecutionEnvironment


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)

    squares = env.from_collection(list(range(1, 11)), type_info=Types.LONG()).map(
        lambda x: (x, x * x), output_type=Types.TUPLE([Types.LONG(), Types.LONG()])
    )

    # The iterator owns the job: leaving the block early cancels what has not been read.
    with squares.execute_and_collect("squares") as results:
        for x, square in results:
            print(f"{x:2} squared is {square}")
            if square > 50:
                break

    # A limit gives a list.
    print(squares.execute_and_collect("the first three", limit=3))


if __name__ == "__main__":
    main()
