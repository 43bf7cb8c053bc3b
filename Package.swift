// swift-tools-version: 6.2
import PackageDescription

// Each target is one room of the house; an arrow may only point downwards in this list.
// The engine (Columnar, Dataflow, Operators, Connectors, PythonWorkers, Jobs) is free of NIO.
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["MartletCLI"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .executableTarget(
            name: "MartletCLI",
            dependencies: [
                "Facade", "Gateway", "Jobs",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "Facade", dependencies: ["Gateway", "Jobs"]),
        .target(
            name: "Gateway",
            dependencies: [
                "Py4J", "CPosix", .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio),
        .target(name: "Py4J"),
        .target(
            name: "Jobs",
            dependencies: [
                "Connectors", "PythonWorkers", "Operators", "Dataflow", "StateRocksDB", "State",
            ]),
        .target(name: "Connectors", dependencies: ["Formats", "Dataflow", "Columnar"]),
        .target(
            name: "Formats", dependencies: ["Columnar", "CZlib"]),
        .target(
            name: "PythonWorkers",
            dependencies: [
                "Dataflow", "State", "Columnar", "CPosix",
                .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .target(name: "Operators", dependencies: ["Dataflow", "Columnar"]),
        .target(
            name: "Dataflow",
            dependencies: [
                "Columnar", "CPosix", .product(name: "DequeModule", package: "swift-collections"),
            ]),
        // Controllable sources, workers and sinks, for tests of jobs and of the runtime itself.
        .target(
            name: "DataflowTesting",
            dependencies: [
                "Dataflow", "Columnar", .product(name: "DequeModule", package: "swift-collections"),
            ]),
        .target(name: "StateRocksDB", dependencies: ["State", "Columnar", "CRocksDB"]),
        .target(name: "State", dependencies: ["Columnar"]),
        .target(name: "Columnar", dependencies: ["CArrow"]),
        .target(name: "CArrow"),
        .target(name: "CPosix"),
        // Loads the library when it is asked for, and links to nothing.
        .target(name: "CRocksDB"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        .executableTarget(
            name: "Py4JTestServer", dependencies: ["Gateway", "Py4J"],
            path: "Tests/Py4JTestServer"),
        .executableTarget(
            name: "WorkerChannelBench",
            dependencies: ["PythonWorkers", "Dataflow", "Columnar"],
            path: "benchmarks/WorkerChannel"),
        .testTarget(
            name: "ColumnarTests", dependencies: ["Columnar", "CArrow"], exclude: ["Golden"]),
        .testTarget(name: "StateTests", dependencies: ["State", "StateRocksDB", "Columnar"]),
        .testTarget(name: "DataflowTests", dependencies: ["Dataflow", "DataflowTesting"]),
        .testTarget(name: "Py4JTests", dependencies: ["Py4J"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "Py4J", .product(name: "NIOSSL", package: "swift-nio-ssl")]
                + nio,
            exclude: ["Fixtures"]),
        .testTarget(
            name: "PythonWorkersTests",
            dependencies: ["PythonWorkers", "Dataflow", "Columnar", "CPosix"]),
        .testTarget(
            name: "ConnectorsTests", dependencies: ["Connectors"], exclude: ["Golden"]),
        .testTarget(name: "OperatorsTests", dependencies: ["Operators"]),
        .testTarget(name: "JobsTests", dependencies: ["Jobs"]),
    ],
    swiftLanguageModes: [.v6]
)

// Warnings are errors for tests and CI, and not where users build: their compiler may know more.
if Context.environment["MARTLET_STRICT"] == "1" {
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
    }
}
