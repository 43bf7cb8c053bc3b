import Testing

@testable import PythonWorkers

@Suite struct MessagePackTests {
    static let values: [MessagePack] = [
        .null, true, false, 0, 127, 128, 255, 256, 65535, 65536, -1, -32, -33, -128, -129, -32768,
        -32769, .int(.max), .int(.min), .int(1 << 31), .int(-(1 << 31)), .int(-(1 << 31) - 1),
        .double(1.5), .double(-.infinity), .double(.nan), "", "é",
        .string(String(repeating: "x", count: 31)), .string(String(repeating: "x", count: 32)),
        .string(String(repeating: "x", count: 256)), .string(String(repeating: "x", count: 70_000)),
        .binary([]), .binary([1, 2]), .binary(.init(repeating: 7, count: 300)),
        .binary(.init(repeating: 7, count: 70_000)), .array([]),
        .array(.init(repeating: 1, count: 15)), .array(.init(repeating: 1, count: 16)),
        .array(.init(repeating: 1, count: 70_000)), .map([]),
        .map([("a", 1), ("b", .map([("c", .array([.null]))]))]),
        .map((0..<20).map { ("key \($0)", .int($0)) }),
    ]

    @Test(arguments: values.indices) func comesBack(_ index: Int) throws {
        let value = Self.values[index]
        #expect(try MessagePack(decoding: value.encoded()) == value)
    }

    @Test func hasTheBytesOfTheFormat() {
        let value = MessagePack.map([("a", -33), ("b", .binary([9])), ("c", .double(1))])
        #expect(
            value.encoded() == [
                0x83, 0xA1, 0x61, 0xD0, 0xDF, 0xA1, 0x62, 0xC4, 1, 9, 0xA1, 0x63, 0xCB, 0x3F, 0xF0,
                0,
                0, 0, 0, 0, 0,
            ])
    }

    @Test func readsFormsThatItDoesNotWrite() throws {
        #expect(try MessagePack(decoding: [0xCC, 200]) == 200)
        #expect(try MessagePack(decoding: [0xCE, 0xFF, 0xFF, 0xFF, 0xFF]) == .int(0xFFFF_FFFF))
        #expect(try MessagePack(decoding: [0xCA, 0x3F, 0x80, 0, 0]) == .double(1))
        #expect(try MessagePack(decoding: [0xD9, 1, 0x61]) == "a")
    }

    static let malformed: [[UInt8]] = [
        [], [0xC1], [0xC7, 0, 0], [0xA2, 0x61], [0xA1, 0xFF], [0x81, 0x01, 0x01], [0x01, 0x01],
        [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [0xDF, 0xFF, 0xFF, 0xFF, 0xFF],
        [0xC6, 0xFF, 0xFF, 0xFF, 0xFF],
        [0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [UInt8](repeating: 0x91, count: 1000), [UInt8](repeating: 0x81, count: 1000),
    ]

    @Test(arguments: malformed.indices) func refuses(_ index: Int) {
        #expect(throws: MessagePack.DecodingError.self) {
            try MessagePack(decoding: Self.malformed[index])
        }
    }

    @Test func survivesGarbage() {
        var generator = SeededGenerator(state: 1)
        let seed = MessagePack.map([("key", .array(Self.values.filter { $0.encoded().count < 64 }))]
        )
        .encoded()
        for round in 0..<20_000 {
            var bytes =
                round % 2 == 0
                ? (0..<Int.random(in: 0..<64, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                } : seed
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            guard let value = try? MessagePack(decoding: bytes) else { continue }
            // What was understood can be said again.
            #expect(throws: Never.self) { try MessagePack(decoding: value.encoded()) }
        }
    }
}
