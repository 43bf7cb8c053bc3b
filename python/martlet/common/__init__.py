"""What the DataStream API and the Table API share: types, rows, time, configuration, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from martlet._lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "completable_future": ("CompletableFuture",),
        "config_options": ("ConfigOption", "ConfigOptions"),
        "configuration": ("Configuration",),
        "execution_config": ("ExecutionConfig",),
        "input_dependency_constraint": ("InputDependencyConstraint",),
        "job_client": ("JobClient",),
        "job_execution_result": ("JobExecutionResult",),
        "job_id": ("JobID",),
        "job_status": ("JobStatus",),
        "restart_strategy": ("RestartStrategies", "RestartStrategyConfiguration"),
        "serialization": (
            "ByteArraySchema",
            "DeserializationSchema",
            "Encoder",
            "SerializationSchema",
            "SimpleStringSchema",
        ),
        "serializer": ("TypeSerializer",),
        "time": ("Duration", "Instant", "Time"),
        "typeinfo": ("TypeInformation", "Types"),
        "types": ("Row", "RowKind"),
        "martlet.datastream.formats.avro": (
            "AvroRowDeserializationSchema",
            "AvroRowSerializationSchema",
        ),
        "martlet.datastream.formats.csv": (
            "CsvRowDeserializationSchema",
            "CsvRowSerializationSchema",
        ),
        "martlet.datastream.formats.json": (
            "JsonRowDeserializationSchema",
            "JsonRowSerializationSchema",
        ),
        "watermark_strategy": ("WatermarkStrategy",),
    },
)

if TYPE_CHECKING:
    from martlet.common.completable_future import CompletableFuture as CompletableFuture
    from martlet.common.config_options import ConfigOption as ConfigOption
    from martlet.common.config_options import ConfigOptions as ConfigOptions
    from martlet.common.configuration import Configuration as Configuration
    from martlet.common.execution_config import ExecutionConfig as ExecutionConfig
    from martlet.common.input_dependency_constraint import (
        InputDependencyConstraint as InputDependencyConstraint,
    )
    from martlet.common.job_client import JobClient as JobClient
    from martlet.common.job_execution_result import JobExecutionResult as JobExecutionResult
    from martlet.common.job_id import JobID as JobID
    from martlet.common.job_status import JobStatus as JobStatus
    from martlet.common.restart_strategy import RestartStrategies as RestartStrategies
    from martlet.common.restart_strategy import (
        RestartStrategyConfiguration as RestartStrategyConfiguration,
    )
    from martlet.common.serialization import ByteArraySchema as ByteArraySchema
    from martlet.common.serialization import DeserializationSchema as DeserializationSchema
    from martlet.common.serialization import Encoder as Encoder
    from martlet.common.serialization import SerializationSchema as SerializationSchema
    from martlet.common.serialization import SimpleStringSchema as SimpleStringSchema
    from martlet.common.serializer import TypeSerializer as TypeSerializer
    from martlet.common.time import Duration as Duration
    from martlet.common.time import Instant as Instant
    from martlet.common.time import Time as Time
    from martlet.common.typeinfo import TypeInformation as TypeInformation
    from martlet.common.typeinfo import Types as Types
    from martlet.common.types import Row as Row
    from martlet.common.types import RowKind as RowKind
    from martlet.common.watermark_strategy import WatermarkStrategy as WatermarkStrategy
    from martlet.datastream.formats.avro import (
        AvroRowDeserializationSchema as AvroRowDeserializationSchema,
    )
    from martlet.datastream.formats.avro import (
        AvroRowSerializationSchema as AvroRowSerializationSchema,
    )
    from martlet.datastream.formats.csv import (
        CsvRowDeserializationSchema as CsvRowDeserializationSchema,
    )
    from martlet.datastream.formats.csv import (
        CsvRowSerializationSchema as CsvRowSerializationSchema,
    )
    from martlet.datastream.formats.json import (
        JsonRowDeserializationSchema as JsonRowDeserializationSchema,
    )
    from martlet.datastream.formats.json import (
        JsonRowSerializationSchema as JsonRowSerializationSchema,
    )
