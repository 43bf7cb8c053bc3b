extension MessagePack {
    /// The value in bytes, each part in its shortest form.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    private func encode(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(0xC0)
        case .bool(let value): bytes.append(value ? 0xC3 : 0xC2)
        case .int(let value): Self.encode(value, into: &bytes)
        case .double(let value):
            bytes.append(0xCB)
            Self.append(value.bitPattern, to: &bytes)
        case .string(let text):
            let utf8 = text.utf8
            Self.encode(
                count: utf8.count, fixed: (0xA0, 32), codes: (0xD9, 0xDA, 0xDB), into: &bytes)
            bytes.append(contentsOf: utf8)
        case .binary(let data):
            Self.encode(count: data.count, fixed: nil, codes: (0xC4, 0xC5, 0xC6), into: &bytes)
            bytes.append(contentsOf: data)
        case .array(let values):
            Self.encode(
                count: values.count, fixed: (0x90, 16), codes: (nil, 0xDC, 0xDD), into: &bytes)
            for value in values { value.encode(into: &bytes) }
        case .map(let entries):
            Self.encode(
                count: entries.count, fixed: (0x80, 16), codes: (nil, 0xDE, 0xDF), into: &bytes)
            for (key, value) in entries {
                MessagePack.string(key).encode(into: &bytes)
                value.encode(into: &bytes)
            }
        }
    }

    private static func encode(_ value: Int64, into bytes: inout [UInt8]) {
        switch value {
        case 0...127: bytes.append(UInt8(value))
        case -32..<0: bytes.append(UInt8(bitPattern: Int8(value)))
        case -128...127:
            bytes.append(0xD0)
            append(Int8(value), to: &bytes)
        case -32768...32767:
            bytes.append(0xD1)
            append(Int16(value), to: &bytes)
        case -2_147_483_648...2_147_483_647:
            bytes.append(0xD2)
            append(Int32(value), to: &bytes)
        default:
            bytes.append(0xD3)
            append(value, to: &bytes)
        }
    }

    /// Lengths of 4 GiB and more cannot occur: a frame holds 1 GiB, and `frame` refuses the rest.
    private static func encode(
        count: Int, fixed: (base: UInt8, limit: Int)?, codes: (UInt8?, UInt8, UInt8),
        into bytes: inout [UInt8]
    ) {
        if let fixed, count < fixed.limit {
            bytes.append(fixed.base | UInt8(count))
        } else if let code = codes.0, count <= UInt8.max {
            bytes.append(code)
            bytes.append(UInt8(count))
        } else if count <= UInt16.max {
            bytes.append(codes.1)
            append(UInt16(count), to: &bytes)
        } else {
            bytes.append(codes.2)
            append(UInt32(clamping: count), to: &bytes)
        }
    }

    private static func append<Number: FixedWidthInteger>(_ value: Number, to bytes: inout [UInt8])
    {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
