import Columnar
import Testing

@testable import State

@Suite("A backend and a dictionary do the same")
struct BackendTests {
    static let descriptions: [StateDescription] = [
        StateDescription("value", .value, key: .bytes, value: .bytes),
        StateDescription("windowed", .value, key: .bytes, namespace: .bytes, value: .bytes),
        StateDescription("list", .list, key: .bytes, value: .bytes),
        StateDescription("map", .map, key: .bytes, mapKey: .bytes, value: .bytes),
        StateDescription(
            "windowed map", .map, key: .bytes, namespace: .bytes, mapKey: .bytes, value: .bytes),
    ]

    struct Case {
        var backend: any KeyedStateBackend
        var model = StateModel()
        var random: SplitMix64
        let handles: [StateHandle]

        init(_ tested: TestedBackend, seed: UInt64) throws {
            let backend = try tested.make()
            self.backend = backend
            random = SplitMix64(seed: seed)
            handles = try BackendTests.descriptions.map { try backend.declare($0) }
            for _ in handles { model.declare() }
        }

        /// Few keys, so that they meet again; one is a prefix of another.
        mutating func address(_ description: StateDescription) -> StateModel.Address {
            let number = UInt8.random(in: 0..<24, using: &random)
            let key = [UInt8](repeating: number / 4, count: Int(number % 4))
            let namespace: [UInt8] =
                description.namespace == nil
                ? [] : [0, UInt8.random(in: 0..<3, using: &random)]
            return .init(keyGroup: Int(number) * 7 % 128, key: key, namespace: namespace)
        }

        mutating func write() throws {
            let state = Int.random(in: handles.indices, using: &random)
            let description = BackendTests.descriptions[state]
            let count = Int.random(in: 1...24, using: &random)
            var addresses: [StateModel.Address] = []
            var mapKeys: [[UInt8]] = []
            var operations: [StateOperation] = []
            var values: [[UInt8]] = []
            for _ in 0..<count {
                addresses.append(address(description))
                mapKeys.append(random.bytes(0...2).map { $0 % 8 })
                let roll = Int.random(in: 0..<20, using: &random)
                if roll == 0 {
                    operations.append(.clear)
                } else if roll < 5 {
                    operations.append(.remove)
                } else {
                    operations.append(description.kind == .list && roll < 17 ? .append : .set)
                }
                values.append(random.bytes(0...(roll == 19 ? 3000 : 20)))
            }
            for row in 0..<count {
                model.write(
                    state, description.kind, addresses[row], mapKey: mapKeys[row],
                    operations[row], values[row])
            }
            try backend.write(
                handles[state],
                StateKeys(
                    addresses, mapKeys: description.kind == .map ? mapKeys : nil,
                    namespaces: description.namespace != nil),
                .each(operations), values: EncodedRows(values))
        }

        mutating func read() throws {
            let state = Int.random(in: handles.indices, using: &random)
            let description = BackendTests.descriptions[state]
            let hasNamespace = description.namespace != nil
            let addresses = (0..<20).map { _ in address(description) }
            if description.kind == .map {
                let mapKeys = addresses.map { _ in random.bytes(0...2).map { $0 % 8 } }
                let keys = StateKeys(addresses, mapKeys: mapKeys, namespaces: hasNamespace)
                let expected = zip(addresses, mapKeys).map { model.maps[state][$0]?[$1] }
                #expect(try backend.values(handles[state], keys) == expected)
                let scanned = try backend.scanned(
                    handles[state], addresses[0], namespaces: hasNamespace,
                    limit: Int.random(in: 1...40, using: &random))
                let sorted = (model.maps[state][addresses[0]] ?? [:]).sorted {
                    $0.key.lexicographicallyPrecedes($1.key)
                }
                #expect(scanned.map(\.mapKey) == sorted.map(\.key))
                #expect(scanned.map(\.value) == sorted.map(\.value))
            } else {
                let keys = StateKeys(addresses, namespaces: hasNamespace)
                #expect(
                    try backend.values(handles[state], keys)
                        == addresses.map { model.values[state][$0] })
            }
        }

        /// Compares all there is, and the order in which it comes.
        func compare(_ keyGroups: Range<Int>) throws {
            let entries = try backend.entries(keyGroups)
            let expected = model.entries(keyGroups)
            #expect(entries.count == expected.count)
            #expect(Set(entries) == expected)
            #expect(
                entries.map { [$0.address.keyGroup, $0.state] }
                    == entries.map { [$0.address.keyGroup, $0.state] }.sorted {
                        $0.lexicographicallyPrecedes($1)
                    })
        }

        /// Goes on with a new backend that holds what the old one gave.
        mutating func restart(_ tested: TestedBackend) throws {
            let entries = try backend.entries(0..<128)
            let new = try tested.make()
            for handle in handles { _ = try new.declare(backend.states[handle.index]) }
            for handle in handles {
                let description = Self.description(handle)
                let own = entries.filter { $0.state == handle.index }
                let keys = StateKeys(
                    own.map(\.address),
                    mapKeys: description.kind == .map ? own.map { $0.mapKey ?? [] } : nil,
                    namespaces: description.namespace != nil)
                try new.restore(handle, keys, values: EncodedRows(own.map(\.value)))
            }
            backend = new
        }

        private static func description(_ handle: StateHandle) -> StateDescription {
            BackendTests.descriptions[handle.index]
        }
    }

    @Test("Random operations", arguments: TestedBackend.all, 0..<6)
    func random(tested: TestedBackend, seed: Int) throws {
        var run = try Case(tested, seed: UInt64(seed))
        for round in 0..<tested.rounds {
            try run.write()
            try run.read()
            if round % 50 == 49 {
                try run.compare(0..<128)
                let from = Int.random(in: 0..<128, using: &run.random)
                try run.compare(from..<128)
                try run.compare(0..<from)
            }
            if round % 130 == 129 { try run.restart(tested) }
        }
        if run.backend is HeapStateBackend {
            for handle in run.handles {
                let size = run.backend.size(of: handle)
                let entries = run.model.entries(0..<128).count { $0.state == handle.index }
                #expect(size.entries == entries)
                #expect(size.bytes > 0)
            }
        }
    }

    @Test("Empty keys, namespaces, map keys and values are there", arguments: TestedBackend.all)
    func empty(tested: TestedBackend) throws {
        let backend = try tested.make()
        let map = try backend.declare(Self.descriptions[4])
        let value = try backend.declare(Self.descriptions[0])
        let nowhere = StateModel.Address(keyGroup: 0, key: [], namespace: [])
        let keys = StateKeys([nowhere], mapKeys: [[]], namespaces: true)
        try backend.put(map, keys, values: EncodedRows([[]]))
        #expect(try backend.values(map, keys) == [[]])
        let scanned = try backend.scanned(map, nowhere, namespaces: true, limit: 5)
        #expect(scanned.map(\.mapKey) == [[]])
        #expect(try backend.values(value, StateKeys([nowhere])) == [nil])
        try backend.put(value, StateKeys([nowhere]), values: EncodedRows([[]]))
        #expect(try backend.values(value, StateKeys([nowhere])) == [[]])
        try backend.remove(map, keys)
        #expect(try backend.scanned(map, nowhere, namespaces: true, limit: 5).isEmpty)
        #expect(try backend.entries(0..<1).count == 1)
    }

    @Test("A state is what it was declared as", arguments: TestedBackend.all)
    func redeclared(tested: TestedBackend) throws {
        let backend = try tested.make()
        let old = StateDescription("count", .value, key: .string, value: .bigInt)
        let handle = try backend.declare(old)
        #expect(try backend.declare(old) == handle)
        func message(_ change: (inout StateDescription) -> Void) -> String? {
            var new = old
            change(&new)
            return #expect(throws: StateError.self) { try backend.declare(new) }?.message
        }
        #expect(
            message { $0.value = .string }
                == "state 'count' has value type BIGINT and is declared again with value type "
                + "VARCHAR(2147483647); give the new state another name")
        #expect(message { $0.kind = .list }?.contains("kind value") == true)
        #expect(message { $0.key = .bigInt }?.contains("key type") == true)
        #expect(message { $0.namespace = .bytes }?.contains("namespace type none") == true)
        #expect(message { $0.mapKey = .bytes } == "state 'count': only maps have map keys")
        #expect(
            message { $0.kind = .map } == "state 'count': a map needs the type of its keys")
        #expect(
            message { $0.timeToLive = TimeToLive(milliseconds: 5) }?
                .contains("TUPLE<value, BIGINT>") == true)
        #expect(backend.states == [old])
    }

    @Test("What does not fit is refused", arguments: TestedBackend.all)
    func refused(tested: TestedBackend) throws {
        let backend = try tested.make()
        let value = try backend.declare(Self.descriptions[0])
        let map = try backend.declare(Self.descriptions[3])
        let address = StateModel.Address(keyGroup: 1, key: [1], namespace: [])
        let keys = StateKeys([address])
        #expect(throws: StateError.self) {
            try backend.append(value, keys, values: EncodedRows([[1]]))
        }
        #expect(throws: StateError.self) { try backend.put(value, keys, values: EncodedRows()) }
        #expect(throws: StateError.self) { try backend.put(map, keys, values: EncodedRows([[1]])) }
        #expect(throws: StateError.self) { _ = try backend.values(map, keys) }
        #expect(throws: StateError.self) {
            _ = try backend.values(value, StateKeys([address], namespaces: true))
        }
        #expect(throws: StateError.self) { _ = try backend.scanned(value, address, limit: 1) }
        try backend.clear(map, keys)
    }

    @Test("Columns go in and come out", arguments: TestedBackend.all)
    func columns(tested: TestedBackend) throws {
        let backend = try tested.make()
        let list = DataType(.array(.double, style: .list), nullable: false)
        let description = StateDescription("readings", .list, key: .string, value: .double)
        #expect(description.columnType == list)
        let codec = StateCodec(description)
        let handle = try backend.declare(description)
        let keys = codec.keys(
            Column(["a", "b", nil], type: .string), maxParallelism: 128)
        let values = EncodedRows()
        codec.encode(values: Column([[1.5, nil], [2.0], []], type: list), into: values)
        try backend.append(handle, keys, values: values)
        try backend.append(handle, keys, values: values)
        let builder = ColumnBuilder(description.columnType)
        try backend.get(handle, keys, now: 0) { _, value in
            if let value {
                try codec.decode(value: value, into: builder)
            } else {
                builder.appendList()
            }
        }
        #expect(builder.finish().allValues == [[1.5, nil, 1.5, nil], [2.0, 2.0], []])
    }
}
