import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

struct ExchangeTests {
    private func send(
        _ batches: [[TestRow]], _ exchange: Exchange, channels count: Int, subtask: Int = 0
    ) throws -> [[Int64]] {
        let channels = (0..<count).map { _ in Channel() }
        let edge = OutputEdge(exchange, to: channels, subtask: subtask)
        for rows in batches { try edge.send(.batch(Batch(rows: rows))) }
        return channels.map { channel in
            channel.drain().flatMap { element -> [Int64] in
                guard case .batch(let batch) = element else { return [] }
                return batch.testRows.map(\.value)
            }
        }
    }

    @Test func forwardAndGlobalUseTheFirstChannel() throws {
        #expect(try send([rows(0..<3)], .forward, channels: 1) == [[0, 1, 2]])
        #expect(try send([rows(0..<3)], .global, channels: 2) == [[0, 1, 2], []])
    }

    @Test func broadcastCopiesNothing() throws {
        let channels = [Channel(), Channel()]
        let edge = OutputEdge(.broadcast, to: channels, subtask: 0)
        let batch = Batch(rows: rows(0..<3))
        try edge.send(.batch(batch))
        for channel in channels {
            guard case .batch(let sent)? = channel.receive() else {
                Issue.record("no batch")
                continue
            }
            #expect(sent.columns[0].buffers[0].base == batch.columns[0].buffers[0].base)
        }
    }

    @Test func rowsGoInTurn() throws {
        #expect(
            try send([rows(0..<4), rows(4..<5), rows(5..<7)], .roundRobin, channels: 3)
                == [[0, 3, 6], [1, 4], [2, 5]])
        #expect(
            try send([rows(0..<4)], .roundRobin, channels: 3, subtask: 5) == [[1], [2], [0, 3]],
            "subtasks start at different channels")
        #expect(try send([rows(0..<2)], .rescale, channels: 3, subtask: 5) == [[0], [1], []])
        #expect(try send([rows(0..<2)], .roundRobin, channels: 1, subtask: 5) == [[0, 1]])
    }

    @Test func aKeyGoesToItsKeyGroupsChannel() throws {
        let all = (0..<1000).map { TestRow(Int64($0), key: Int64($0 % 37)) }
        let result = try send([all], .hash(column: 1, maxParallelism: 128), channels: 4)
        let expected = Batch(rows: all).columns[1].channels(maxParallelism: 128, parallelism: 4)
        for (channel, values) in result.enumerated() {
            #expect(values == values.sorted(), "the order is kept")
            for value in values { #expect(expected[Int(value)] == Int32(channel)) }
        }
        #expect(result.map(\.count).reduce(0, +) == 1000)
    }

    @Test(
        arguments: [
            .forward, .global, .broadcast, .roundRobin, .rescale, .shuffle(seed: 0),
            .hash(column: 1, maxParallelism: 8),
        ] as [Exchange])
    func aKeyThatNobodyReadsStaysBehind(exchange: Exchange) throws {
        for sendsKey in [false, true] {
            let channels = [Channel(), Channel()]
            let edge = OutputEdge(exchange, to: channels, subtask: 0, sendsKey: sendsKey)
            try edge.send(.batch(Batch(rows: rows(0..<100, keys: 50))))
            try edge.send(.batch(Batch(rows: rows(0..<1))))
            let batches = channels.flatMap { $0.drain() }.compactMap { element -> Batch? in
                if case .batch(let batch) = element { batch } else { nil }
            }
            #expect(Set(batches.flatMap { $0.testRows.map(\.value) }) == Set(0..<100))
            #expect(batches.allSatisfy { $0.columns.count == (sendsKey ? 2 : 1) })
        }
    }

    @Test func shufflingIsRepeatableAndDiffersBySubtask() throws {
        let all = [rows(0..<1000)]
        let first = try send(all, .shuffle(seed: 7), channels: 4)
        #expect(try send(all, .shuffle(seed: 7), channels: 4) == first)
        #expect(try send(all, .shuffle(seed: 7), channels: 4, subtask: 1) != first)
        #expect(try send(all, .shuffle(seed: 8), channels: 4) != first)
        for values in first { #expect((150..<350).contains(values.count)) }
    }

    private func chosen(_ column: Column, channels count: Int) throws -> [[String]] {
        let channels = (0..<count).map { _ in Channel() }
        let edge = OutputEdge(.custom(column: 1), to: channels, subtask: 0)
        let values = Column((0..<column.count).map { Int64($0) }, type: .bigInt)
        try edge.send(.batch(Batch(count: column.count, columns: [values, column])))
        return try channels.map { channel in
            try channel.drain().map { element in
                guard case .batch(let batch) = element else { throw Mishap("no batch") }
                #expect(batch.columns.count == 1, "the channel is dropped")
                return "\(Array(batch.columns[0].values(as: Int64.self)))"
            }
        }
    }

    @Test func aPartitionerChooses() throws {
        let column = Column([2, 0, 2, 2] as [Int32], type: .int.notNull())
        #expect(try chosen(column, channels: 3) == [["[1]"], [], ["[0, 2, 3]"]])
    }

    @Test(arguments: [(3, 3), (-1, 2), (1, 1), (Int32.max, 4), (Int32.min, 4)])
    func aPartitionersMistakeIsNamed(index: Int32, channels: Int) throws {
        let error = #expect(throws: JobError.self) {
            _ = try chosen(Column([0, index] as [Int32], type: .int), channels: channels)
        }
        #expect(error?.message.contains("channel \(index)") == true)
        #expect(error?.message.contains("\(channels) channel") == true)
        #expect(error?.code == "bad-partition")
    }

    @Test func aPartitionersNullIsNamed() throws {
        let column = Column(
            type: .int, count: 2, validity: Buffer(copying: [1] as [UInt8]),
            buffers: [Buffer(copying: [0, 0] as [Int32])])
        let error = #expect(throws: JobError.self) { _ = try chosen(column, channels: 2) }
        #expect(error?.message.contains("None") == true)
        #expect(throws: JobError.self) {
            _ = try chosen(Column([0] as [Int64], type: .bigInt), channels: 2)
        }
    }

    @Test func controlElementsGoEverywhere() throws {
        let all: [Exchange] = [
            .forward, .global, .broadcast, .roundRobin, .rescale, .shuffle(seed: 0),
            .hash(column: 0, maxParallelism: 8), .custom(column: 1),
        ]
        for exchange in all {
            let channels = [Channel(), Channel()]
            let edge = OutputEdge(exchange, to: channels, subtask: 0)
            try edge.send(.watermark(3))
            try edge.send(.batch(Batch(rows: [])))
            try edge.send(.end)
            for channel in channels { #expect(channel.drain().summaries == ["w3", "end"]) }
        }
    }

    /// The tables of Flink's pointwise distribution.
    @Test func rescaling() {
        func all(_ senders: Int, _ receivers: Int) -> [Range<Int>] {
            (0..<senders).map {
                Exchange.rescale.receivers(of: $0, senders: senders, count: receivers)
            }
        }
        #expect(all(2, 2) == [0..<1, 1..<2])
        #expect(all(2, 3) == [0..<2, 2..<3])
        #expect(all(3, 2) == [0..<1, 1..<2, 1..<2])
        #expect(all(2, 5) == [0..<3, 3..<5])
        #expect(all(4, 2) == [0..<1, 0..<1, 1..<2, 1..<2])
        #expect(all(1, 3) == [0..<3])
        #expect(all(3, 1) == [0..<1, 0..<1, 0..<1])
        for senders in 1...9 {
            for receivers in 1...9 {
                let covered = all(senders, receivers)
                #expect(covered.allSatisfy { !$0.isEmpty })
                #expect(Set(covered.joined()) == Set(0..<receivers), "everyone is fed")
            }
        }
    }
}
