import Columnar
import Connectors
import Dataflow
import Operators
import PythonWorkers
import Testing

@testable import Jobs

/// Which operators share a task, which functions share a call, and how rows travel.
@Suite struct JobGraphTests {
    let graph = StreamGraph(defaultParallelism: 1)

    private func numbers() -> Transformation {
        graph.add(.source(.numberSequence(from: 1, to: 9)), name: "numbers", outputType: .bigInt)
    }

    private func python(
        _ kind: PythonStageSpec.StepKind, on input: Transformation, name: String? = nil,
        key: DataType? = nil, parallelism: Int? = nil
    ) -> Transformation {
        graph.add(
            .python(.init(kind, name: "", function: [])), name: name ?? kind.rawValue,
            inputs: [input], outputType: input.outputType, keyType: key
        ) { $0.parallelism = parallelism }
    }

    @discardableResult
    private func discard(_ input: Transformation) -> Transformation {
        graph.add(.sink(.discard), name: "Discard", inputs: [input], outputType: nil)
    }

    private func built() throws -> JobGraph { try graph.jobGraph(named: "job", clearing: false) }

    private func steps(_ vertex: JobGraph.Vertex) -> [[String]] {
        vertex.operators.compactMap {
            if case .python(let steps) = $0.kind { steps.map(\.kind.rawValue) } else { nil }
        }
    }

    @Test func oneInstanceNeedsNoExchange() throws {
        let keyed = python(.keyBy, on: python(.map, on: numbers()), key: .string)
        discard(python(.filter, on: python(.reduce, on: keyed)))
        let job = try built()
        #expect(job.vertices.count == 1)
        #expect(steps(job.vertices[0]) == [["map", "key_by", "reduce", "filter"]])
        #expect(job.vertices[0].operators.allSatisfy { $0.outputKeyType == nil })
        #expect(
            job.vertices[0].name
                == "Source: numbers -> map, key_by, reduce, filter -> Sink: Discard")
    }

    @Test func anAsynchronousFunctionStartsAWorkerAndTakesThoseBehind() throws {
        let keyed = python(.keyBy, on: python(.map, on: numbers()), key: .string)
        discard(python(.filter, on: python(.async, on: keyed)))
        let job = try built()
        #expect(job.vertices.count == 1)
        #expect(steps(job.vertices[0]) == [["map", "key_by"], ["async", "filter"]])
        #expect(job.vertices[0].operators.allSatisfy { $0.inputKeyType == nil })
        #expect(job.vertices[0].operators.allSatisfy { $0.outputKeyType == nil })
    }

    @Test func severalInstancesExchangeByKey() throws {
        try graph.setParallelism(2)
        let keyed = python(.keyBy, on: python(.map, on: numbers()), key: .string)
        discard(python(.reduce, on: keyed))
        let job = try built()
        #expect(job.vertices.count == 2)
        #expect(steps(job.vertices[0]) == [["map", "key_by"]])
        #expect(job.vertices[0].operators.last?.outputKeyType == .string)
        #expect(job.vertices[1].inputs.map(\.partitioning) == [.hash])
        #expect(job.vertices[1].operators[0].inputKeyType == .string)
        #expect(job.vertices[1].operators[0].outputKeyType == nil)
    }

    @Test func differentParallelismRebalances() throws {
        let wide = python(.map, on: numbers(), parallelism: 3)
        discard(wide)
        let job = try built()
        #expect(job.vertices.map(\.parallelism) == [1, 3, 1])
        #expect(job.vertices[1].inputs[0].partitioning == .rebalance)
        #expect(job.vertices[2].inputs[0].partitioning == .rebalance)
    }

    @Test func chainingObeysTheUser() throws {
        let first = python(.map, on: numbers(), name: "a")
        let second = python(.map, on: first, name: "b")
        let third = python(.map, on: second, name: "c")
        discard(third)
        graph.update(second) { $0.chaining = .head }
        #expect(
            try built().vertices.map(\.name) == ["Source: numbers -> a", "b, c -> Sink: Discard"])
        graph.update(second) { $0.chaining = .never }
        #expect(
            try built().vertices.map(\.name) == ["Source: numbers -> a", "b", "c -> Sink: Discard"])
        graph.update(second) { $0.chaining = .always }
        graph.configuration["pipeline.operator-chaining.enabled"] = "false"
        #expect(try built().vertices.count == 5)
    }

    @Test func severalConsumersEndAChain() throws {
        let source = numbers()
        discard(python(.map, on: source))
        discard(python(.filter, on: source))
        let job = try built()
        #expect(
            job.vertices.map(\.name).sorted() == [
                "Source: numbers", "filter -> Sink: Discard", "map -> Sink: Discard",
            ])
    }

    @Test func aUnionFeedsOneInput() throws {
        let union = graph.add(
            .union, name: "Union", inputs: [numbers(), numbers()], outputType: .bigInt)
        discard(python(.map, on: union))
        let job = try built()
        #expect(job.vertices.count == 3)
        #expect(job.vertices[2].inputs.map(\.source) == [0, 1])
    }

    @Test func thePartitioningNearestToTheConsumerCounts() throws {
        try graph.setParallelism(2)
        let shuffled = graph.add(
            .partition(.shuffle), name: "", inputs: [numbers()], outputType: .bigInt)
        let global = graph.add(
            .partition(.global), name: "", inputs: [shuffled], outputType: .bigInt)
        discard(python(.map, on: global))
        #expect(try built().vertices[1].inputs[0].partitioning == .global)
    }

    @Test func aCustomPartitionerKnowsItsChannels() throws {
        try graph.setParallelism(2)
        let chosen = python(.partition, on: numbers(), key: DataType.int.notNull())
        discard(python(.map, on: chosen, parallelism: 5))
        let job = try built()
        guard case .python(let steps) = job.vertices[0].operators.last?.kind else {
            Issue.record("the partitioner is no Python operator")
            return
        }
        #expect(steps.last?.options["channels"] == MessagePack(5))
        #expect(job.vertices[1].operators[0].inputKeyType == nil)
    }

    @Test func aStreamCanBeUsedByTwoJobs() throws {
        let source = numbers()
        discard(source)
        #expect(try graph.jobGraph(named: nil, clearing: true).vertices.count == 1)
        #expect(throws: ValidationError.self) { try built() }
        discard(python(.map, on: source))
        #expect(try built().vertices[0].name == "Source: numbers -> map -> Sink: Discard")
    }

    @Test func batchNeedsAnEnd() throws {
        discard(numbers())
        graph.configuration["execution.runtime-mode"] = "AUTOMATIC"
        #expect(try built().isBatch)
        graph.configuration["execution.runtime-mode"] = "whenever"
        #expect(throws: ValidationError.self) { try built() }
    }

    @Test func aUnionOfKeyedAndOtherRowsHasNoKeys() throws {
        try graph.setParallelism(2)
        let keyed = python(.keyBy, on: numbers(), key: .string)
        let union = graph.add(
            .union, name: "Union", inputs: [keyed, numbers()], outputType: .bigInt)
        discard(python(.map, on: union))
        let vertex = try built().vertices[2]
        #expect(vertex.inputs.map(\.partitioning) == [.hash, .forward])
        #expect(vertex.operators[0].inputKeyType == nil)
    }

    @Test func forwardingKeepsTheParallelism() throws {
        let source = numbers()
        graph.update(source) { $0.parallelism = 2 }
        let forward = graph.add(
            .partition(.forward), name: "", inputs: [source], outputType: .bigInt)
        let map = python(.map, on: forward, name: "Map", parallelism: 4)
        discard(map)
        let error = #expect(throws: ValidationError.self) { try built() }
        #expect(
            error?.message
                == "Forward partitioning does not allow change of parallelism. Upstream operation: "
                + "Source: numbers-1 parallelism: 2, downstream operation: Map-3 parallelism: 4 "
                + "You must use another partitioning strategy, such as broadcast, rebalance, "
                + "shuffle or global.")
        graph.update(map) { $0.parallelism = 2 }
        #expect(try built().vertices[0].name == "Source: numbers -> Map")
    }

    @Test func parallelismStaysBelowItsMaximum() throws {
        let map = python(.map, on: numbers(), name: "Map", parallelism: 4)
        graph.update(map) { $0.maxParallelism = 2 }
        discard(map)
        let error = #expect(throws: ValidationError.self) { try built() }
        #expect(
            error?.message
                == "Vertex Map's parallelism (4) is higher than the max parallelism (2). Please "
                + "lower the parallelism or increase the max parallelism.")
        graph.update(map) { $0.maxParallelism = 4 }
        _ = try built()
    }

    @Test func identifiersAreUnique() throws {
        let map = python(.map, on: numbers())
        let sink = discard(map)
        graph.update(map) { $0.uid = "same" }
        graph.update(sink) { $0.uid = "same" }
        let error = #expect(throws: ValidationError.self) { try built() }
        #expect(
            error?.message
                == "Hash collision on user-specified ID \"same\". Most likely cause is a "
                + "non-unique ID. Please check that all IDs specified via `uid(String)` are unique."
        )
        graph.update(sink) { $0.uid = "other" }
        #expect(try built().vertices[0].operators.map(\.uid) == ["1", "same", "other"])
    }

    @Test func aHashIsTheIdentifier() throws {
        let map = python(.map, on: numbers())
        let sink = discard(map)
        graph.update(map) { $0.uid = "map" }
        graph.update(map) { $0.uidHash = "0123456789ABCDEF0123456789abcdef" }
        #expect(
            try built().vertices[0].operators[1].uid == "0123456789abcdef0123456789abcdef")
        graph.update(sink) { $0.uidHash = "0123456789abcdef0123456789ABCDEF" }
        #expect(throws: ValidationError.self) { try built() }
        for hash in ["", "0123456789abcdef0123456789abcde", "g123456789abcdef0123456789abcdef"] {
            graph.update(sink) { $0.uidHash = hash }
            let error = #expect(throws: ValidationError.self) { try built() }
            #expect(
                error?.message
                    == "Node hash must be a 32 character String that describes a hex code. Found: "
                    + hash)
        }
    }

    @Test func identifiersCanBeDemanded() throws {
        graph.configuration["pipeline.auto-generate-uids"] = "false"
        let source = numbers()
        let watermarks = graph.add(
            .watermarks(WatermarkSpec(.monotonous)), name: "Watermarks", inputs: [source],
            outputType: .bigInt)
        let keyed = python(.keyBy, on: watermarks, key: .string)
        let map = python(.map, on: keyed, name: "Map")
        let sink = discard(map)
        graph.update(watermarks) { $0.uid = "source" }
        graph.update(sink) { $0.uid = "sink" }
        let error = #expect(throws: ValidationError.self) { try built() }
        #expect(
            error?.message
                == "Auto generated UIDs have been disabled but no UID or hash has been assigned to "
                + "operator Map")
        graph.update(map) { $0.uidHash = String(repeating: "0", count: 32) }
        _ = try built()
    }

    @Test func differentMaximaCanEndAChain() throws {
        let map = python(.map, on: numbers())
        discard(map)
        graph.update(map) { $0.maxParallelism = 4 }
        #expect(try built().vertices.count == 1)
        let key = "pipeline.operator-chaining.chain-operators-with-different-max-parallelism"
        graph.configuration[key] = "false"
        #expect(try built().vertices.count == 3)
        graph.configuration[key] = "perhaps"
        #expect(throws: ValidationError.self) { try built() }
    }

    @Test func descriptionsAreInThePlan() throws {
        let map = python(.map, on: numbers(), name: "map")
        discard(map)
        graph.update(map) { $0.description = "adds \"one\"" }
        let plan = try built().plan()
        #expect(plan.contains("\"type\" : \"Source: numbers -> map -> Sink: Discard\""))
        #expect(
            plan.contains(
                "\"contents\" : \"Source: numbers -> adds \\\"one\\\" -> Sink: Discard\""))
    }

    @Test func thePlanIsJSON() throws {
        try graph.setParallelism(2)
        discard(python(.map, on: numbers(), name: "say \"x\"\n", parallelism: 1))
        let plan = try built().plan()
        #expect(plan.contains("\"type\" : \"say \\\"x\\\"\\n\""))
        #expect(plan.contains("\"ship_strategy\" : \"REBALANCE\""))
    }
}
