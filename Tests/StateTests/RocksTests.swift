import Columnar
import Foundation
import State
import StateRocksDB
import Testing

@Suite(
    "RocksDB",
    .disabled(
        if: RocksStateBackend.unavailability != nil,
        "Debian's librocksdb7.8 is not installed: all suites run with the heap only"))
struct RocksTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "martlet-rocks-\(UInt64.random(in: .min ... .max))")

    private func address(_ number: Int) -> StateModel.Address {
        .init(keyGroup: number & 127, key: Array("key \(number)".utf8), namespace: [])
    }

    @Test("A store is empty at first, and gone in the end")
    func lifetime() throws {
        for _ in 0..<2 {
            let backend = try RocksStateBackend(directory: directory.path)
            let state = try backend.declare(
                StateDescription("v", .value, key: .bytes, value: .bytes))
            let keys = StateKeys([address(1)])
            #expect(try backend.values(state, keys) == [nil])
            try backend.put(state, keys, values: EncodedRows([[1]]))
            #expect(try backend.values(state, keys) == [[1]])
            #expect(backend.size.isEstimate && backend.size.entries == 1)
            #expect(backend.size(of: state) == nil)
            #expect(FileManager.default.fileExists(atPath: directory.path))
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path))
    }

    @Test("State beyond memory is all there")
    func beyondMemory() throws {
        let backend = try RocksStateBackend(directory: directory.path, memoryBytes: 1 << 20)
        let values = try backend.declare(
            StateDescription("v", .value, key: .bytes, value: .bytes))
        let lists = try backend.declare(
            StateDescription("l", .list, key: .bytes, value: .tinyInt.notNull()))
        var random = SplitMix64(seed: 1)
        let filler = random.bytes(900...900)
        for start in stride(from: 0, to: 20_000, by: 1000) {
            let rows = (start..<start + 1000)
            let keys = StateKeys(rows.map { address($0) })
            try backend.put(
                values, keys, values: EncodedRows(rows.map { filler + [UInt8($0 & 255)] }))
            try backend.append(
                lists, StateKeys(rows.map { address($0 % 50) }),
                values: EncodedRows(rows.map { [UInt8($0 & 255)] }))
        }
        let all = StateKeys((0..<20_000).map { address($0) })
        let found = try backend.values(values, all)
        #expect((0..<20_000).allSatisfy { found[$0] == filler + [UInt8($0 & 255)] })
        let elements = try backend.values(lists, StateKeys((0..<50).map { address($0) }))
        for number in 0..<50 {
            let expected = stride(from: number, to: 20_000, by: 50).map { UInt8($0 & 255) }
            #expect(elements[number] == expected)
        }
        #expect(backend.size.bytes > 2 << 20)
    }

    @Test("Large maps are cleared as small ones are")
    func clear() throws {
        let backend = try RocksStateBackend(directory: directory.path)
        let state = try backend.declare(
            StateDescription("m", .map, key: .bytes, mapKey: .bytes, value: .bytes))
        for count in [3, 256, 257, 3000] {
            let mapKeys = (0..<count).map { Array("\($0)".utf8) }
            for number in 1...3 {
                let keys = StateKeys(
                    .init(repeating: address(number), count: count), mapKeys: mapKeys)
                try backend.put(state, keys, values: EncodedRows(mapKeys))
            }
            try backend.clear(state, StateKeys([address(2)]))
            let left = try (1...3).map {
                try backend.scanned(state, address($0), limit: 100).count
            }
            #expect(left == [count, 0, count])
        }
    }

    @Test("Stores that share a cache keep their state apart")
    func sharedCache() throws {
        let cache = try RocksCache(bytes: 1 << 20)
        let backends = try (0..<3).map {
            try RocksStateBackend(
                directory: directory.path + "-\($0)", cache: cache, writeBufferBytes: 1)
        }
        let keys = StateKeys((0..<5000).map { address($0) })
        for (number, backend) in backends.enumerated() {
            let state = try backend.declare(
                StateDescription("v", .value, key: .bytes, value: .bytes))
            let values = (0..<5000).map {
                Array("\(number) \($0)".utf8) + [UInt8](repeating: 7, count: 500)
            }
            try backend.put(state, keys, values: EncodedRows(values))
        }
        for (number, backend) in backends.enumerated() {
            let found = try backend.values(StateHandle(index: 0), keys)
            #expect(
                (0..<5000).allSatisfy { found[$0]?.starts(with: "\(number) \($0)".utf8) == true })
        }
    }

    @Test("A directory that cannot be is an error that says so")
    func badDirectory() {
        let error = #expect(throws: StateError.self) {
            try RocksStateBackend(directory: "/proc/nowhere/store")
        }
        #expect(error?.message.contains("/proc/nowhere/store") == true)
    }
}
