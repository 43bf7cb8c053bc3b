import Columnar
import Testing

@testable import State

@Suite("Values expire")
struct TimeToLiveTests {
    private let type = try! DataType(parsing: "TUPLE<INT, BIGINT>")
    private let address = StateModel.Address(keyGroup: 3, key: [1], namespace: [])

    private func value(_ number: Int64, at time: Int64) -> [UInt8] {
        let rows = EncodedRows()
        RowCodec(type).encode(
            Column([.row([.integer(number), .integer(time)])], type: type), into: rows)
        return Array(rows[0])
    }

    private func description(
        _ kind: StateDescription.Kind, _ visibility: TimeToLive.Visibility = .neverReturnExpired
    ) -> StateDescription {
        StateDescription(
            "s", kind, key: .bytes, mapKey: kind == .map ? .bytes : nil, value: type,
            timeToLive: TimeToLive(milliseconds: 100, visibility: visibility))
    }

    @Test("A value is gone once its time is over", arguments: TestedBackend.all)
    func values(tested: TestedBackend) throws {
        let backend = try tested.make()
        let state = try backend.declare(description(.value))
        let keys = StateKeys([address])
        try backend.put(state, keys, values: EncodedRows([value(7, at: 1000)]))
        #expect(try backend.values(state, keys, now: 1099) == [value(7, at: 1000)])
        #expect(try backend.entries(0..<128, now: 1099).count == 1)
        #expect(try backend.entries(0..<128, now: 1100).isEmpty)
        #expect(try backend.values(state, keys, now: 1100) == [nil])
        // It was removed, not hidden.
        #expect(try backend.values(state, keys, now: 1000) == [nil])
    }

    @Test("It may be shown a last time", arguments: TestedBackend.all)
    func shown(tested: TestedBackend) throws {
        let backend = try tested.make()
        let state = try backend.declare(description(.value, .returnExpiredIfNotCleanedUp))
        let keys = StateKeys([address])
        try backend.put(state, keys, values: EncodedRows([value(7, at: 1000)]))
        #expect(try backend.values(state, keys, now: 5000) == [value(7, at: 1000)])
        #expect(try backend.values(state, keys, now: 5000) == [nil])
    }

    @Test("Elements of lists expire one by one", arguments: TestedBackend.all)
    func lists(tested: TestedBackend) throws {
        let backend = try tested.make()
        let state = try backend.declare(description(.list))
        let keys = StateKeys([address])
        let elements = [value(1, at: 1000), value(2, at: 1500), value(3, at: 1050)]
        for element in elements {
            try backend.append(state, keys, values: EncodedRows([element]))
        }
        #expect(try backend.values(state, keys, now: 1000) == [Array(elements.joined())])
        #expect(try backend.entries(0..<128, now: 1200).map(\.value) == [elements[1]])
        #expect(try backend.values(state, keys, now: 1100) == [elements[1] + elements[2]])
        #expect(try backend.values(state, keys, now: 0) == [elements[1] + elements[2]])
        #expect(try backend.values(state, keys, now: 2000) == [nil])
        #expect(try backend.entries(0..<128, now: 0).isEmpty)
    }

    @Test("Values of maps expire one by one", arguments: TestedBackend.all)
    func maps(tested: TestedBackend) throws {
        let backend = try tested.make()
        let state = try backend.declare(description(.map))
        let addresses = [StateModel.Address](repeating: address, count: 10)
        let mapKeys = (0..<10 as Range<UInt8>).map { [$0] }
        let keys = StateKeys(addresses, mapKeys: mapKeys)
        let values = (0..<10).map { value(Int64($0), at: 1000 + Int64($0 % 2) * 100) }
        try backend.put(state, keys, values: EncodedRows(values))
        #expect(try backend.entries(0..<128, now: 1100).count == 5)
        let scanned = try backend.scanned(state, address, limit: 2, now: 1100)
        #expect(scanned.map(\.mapKey) == [[1], [3], [5], [7], [9]])
        #expect(try backend.values(state, keys, now: 0).count { $0 != nil } == 5)
        #expect(try backend.values(state, keys, now: 1200) == .init(repeating: nil, count: 10))
        #expect(try backend.entries(0..<128, now: 0).isEmpty)
    }

    @Test("Compaction drops what has expired")
    func compaction() throws {
        let backend = HeapStateBackend()
        let state = try backend.declare(description(.map))
        for round in 0..<200 as Range<Int64> {
            let addresses = (0..<500).map {
                StateModel.Address(
                    keyGroup: 0, key: [UInt8(truncatingIfNeeded: $0 >> 8), UInt8($0 & 255)],
                    namespace: [UInt8]())
            }
            let mapKeys = addresses.map { _ in [UInt8(truncatingIfNeeded: round)] }
            let keys = StateKeys(addresses, mapKeys: mapKeys)
            let values = addresses.map { _ in value(round, at: round * 50) }
            try backend.put(state, keys, values: EncodedRows(values))
            // Three of four go at once, so that there is garbage.
            let gone = (0..<500).filter { $0 % 4 != 0 }
            let removed = StateKeys(gone.map { addresses[$0] }, mapKeys: gone.map { mapKeys[$0] })
            try backend.remove(state, removed)
            _ = try backend.values(state, StateKeys([address], mapKeys: [[0]]), now: round * 50)
        }
        // A quarter of 200 rounds was kept, of which all but the last few have expired.
        #expect(backend.size(of: state).entries < 100 * 125)
        #expect(try backend.entries(0..<128, now: 200 * 50).count <= 2 * 125)
    }
}
