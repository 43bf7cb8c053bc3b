"""The everyday operations on a stream, one after the other, each as a job of its own.

python examples/basic_operations.py
"""

import json

from martlet.common import Types
from martlet.datastream import DataStream, StreamExecutionEnvironment

ORDERS = [
    (1, '{"item": "tea", "price": 4, "ship_to": {"city": "Lyon", "country": "France"}}'),
    (2, '{"item": "ink", "price": 9, "ship_to": {"city": "Porto", "country": "Portugal"}}'),
    (3, '{"item": "map", "price": 12, "ship_to": {"city": "Nantes", "country": "France"}}'),
    (4, '{"item": "bell", "price": 30, "ship_to": {"city": "Braga", "country": "Portugal"}}'),
]


def with_discount(order):
    details = json.loads(order.details)
    details["price"] -= 1
    return order.id, json.dumps(details)


def country_and_price(order):
    details = json.loads(order.details)
    return details["ship_to"]["country"], details["price"]


def show(title: str, stream: DataStream, env: StreamExecutionEnvironment) -> None:
    print(f"--- {title}", flush=True)
    stream.print()
    env.execute(title)


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)
    orders = env.from_collection(
        ORDERS, type_info=Types.ROW_NAMED(["id", "details"], [Types.INT(), Types.STRING()])
    )
    pair = Types.TUPLE([Types.STRING(), Types.LONG()])

    show("map", orders.map(with_discount), env)
    show("filter", orders.filter(lambda order: order.id % 2 == 0), env)
    show("flat_map", orders.flat_map(lambda order: [order.id] * order.id, Types.INT()), env)
    show(
        "key_by and reduce: the running total of each country",
        orders.map(country_and_price, output_type=pair)
        .key_by(lambda pair: pair[0], key_type=Types.STRING())
        .reduce(lambda a, b: (a[0], a[1] + b[1])),
        env,
    )
    show("union", orders.filter(lambda o: o.id == 1).union(orders.filter(lambda o: o.id == 4)), env)


if __name__ == "__main__":
    main()
