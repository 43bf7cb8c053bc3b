extension MessagePack {
    /// Why bytes are not a message.
    public struct DecodingError: Error, Hashable, CustomStringConvertible {
        public let message: String
        /// Index of the byte where it shows.
        public let position: Int

        public var description: String { "\(message) at byte \(position)" }
    }

    /// How deep arrays and maps may be nested.
    public static let maxDepth = 32

    /// Reads one value that fills `bytes` exactly.
    ///
    /// Memory stays proportional to the bytes: a count that they cannot hold is refused before
    /// anything is made for it.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingError) {
        var reader = Reader(bytes: bytes)
        self = try reader.value(depth: 0)
        guard reader.position == bytes.count else { throw reader.failure("unexpected bytes") }
    }

    public init(decoding bytes: [UInt8]) throws(DecodingError) {
        // `withUnsafeBytes` does not carry typed errors out.
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(DecodingError) in try MessagePack(decoding: bytes) }
        }
        self = try result.get()
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        func failure(_ message: String) -> DecodingError {
            DecodingError(message: message, position: position)
        }

        mutating func value(depth: Int) throws(DecodingError) -> MessagePack {
            let code = try integer(UInt8.self)
            switch code {
            case 0x00...0x7F: return .int(Int64(code))
            case 0x80...0x8F: return try map(Int(code & 0x0F), depth)
            case 0x90...0x9F: return try array(Int(code & 0x0F), depth)
            case 0xA0...0xBF: return .string(try text(Int(code & 0x1F)))
            case 0xC0: return .null
            case 0xC2: return .bool(false)
            case 0xC3: return .bool(true)
            case 0xC4: return .binary([UInt8](try take(count(UInt8.self))))
            case 0xC5: return .binary([UInt8](try take(count(UInt16.self))))
            case 0xC6: return .binary([UInt8](try take(count(UInt32.self))))
            case 0xCA: return .double(Double(Float(bitPattern: try integer(UInt32.self))))
            case 0xCB: return .double(Double(bitPattern: try integer(UInt64.self)))
            case 0xCC: return .int(Int64(try integer(UInt8.self)))
            case 0xCD: return .int(Int64(try integer(UInt16.self)))
            case 0xCE: return .int(Int64(try integer(UInt32.self)))
            case 0xCF:
                guard let value = Int64(exactly: try integer(UInt64.self)) else {
                    throw failure("an integer beyond 64 bits with sign")
                }
                return .int(value)
            case 0xD0: return .int(Int64(try integer(Int8.self)))
            case 0xD1: return .int(Int64(try integer(Int16.self)))
            case 0xD2: return .int(Int64(try integer(Int32.self)))
            case 0xD3: return .int(try integer(Int64.self))
            case 0xD9: return .string(try text(count(UInt8.self)))
            case 0xDA: return .string(try text(count(UInt16.self)))
            case 0xDB: return .string(try text(count(UInt32.self)))
            case 0xDC: return try array(count(UInt16.self), depth)
            case 0xDD: return try array(count(UInt32.self), depth)
            case 0xDE: return try map(count(UInt16.self), depth)
            case 0xDF: return try map(count(UInt32.self), depth)
            case 0xE0...0xFF: return .int(Int64(Int8(bitPattern: code)))
            default: throw failure("unknown type code \(code)")
            }
        }

        private mutating func array(_ count: Int, _ depth: Int) throws(DecodingError) -> MessagePack
        {
            try check(count: count, bytesEach: 1, depth)
            var values: [MessagePack] = []
            values.reserveCapacity(min(count, 1024))
            for _ in 0..<count { values.append(try value(depth: depth + 1)) }
            return .array(values)
        }

        private mutating func map(_ count: Int, _ depth: Int) throws(DecodingError) -> MessagePack {
            try check(count: count, bytesEach: 2, depth)
            var entries: [(key: String, value: MessagePack)] = []
            entries.reserveCapacity(min(count, 1024))
            for _ in 0..<count {
                guard case .string(let key) = try value(depth: depth + 1) else {
                    throw failure("a map key that is not text")
                }
                entries.append((key, try value(depth: depth + 1)))
            }
            return .map(entries)
        }

        private func check(count: Int, bytesEach: Int, _ depth: Int) throws(DecodingError) {
            guard depth < maxDepth else { throw failure("nested more than \(maxDepth) deep") }
            guard count <= (bytes.count - position) / bytesEach else {
                throw failure("cut short")
            }
        }

        private mutating func text(_ count: Int) throws(DecodingError) -> String {
            guard let text = String(validating: try take(count), as: UTF8.self) else {
                throw failure("text that is not UTF-8")
            }
            return text
        }

        private mutating func take(_ count: Int) throws(DecodingError) -> UnsafeRawBufferPointer {
            guard count <= bytes.count - position else { throw failure("cut short") }
            let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
            position += count
            return part
        }

        private mutating func count<Number: FixedWidthInteger>(
            _ type: Number.Type
        ) throws(DecodingError) -> Int {
            Int(try integer(type))
        }

        private mutating func integer<Number: FixedWidthInteger>(
            _ type: Number.Type
        ) throws(DecodingError) -> Number {
            Number(bigEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: type))
        }
    }
}
