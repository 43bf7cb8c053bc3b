public import Columnar

/// How the rows of a part file follow each other.
public enum PartFraming: Hashable, Sendable {
    /// Each as text, with the end of a line.
    case lines
    /// Each as the bytes that it is, with nothing in between.
    case concatenated
    /// Each is an encoded datum of Avro; the rows of a batch are a block of Avro's object container
    /// files, ended by the file's marker of 16 bytes.
    case avroBlocks(marker: [UInt8])

    /// Adds the values of a column of bytes or text; nulls add nothing.
    public func append(_ column: Column, to out: inout [UInt8]) {
        let offsets = column.offsets
        let bytes = UnsafeRawBufferPointer(
            start: column.data + Int(offsets[0]),
            count: Int(offsets[column.count]) - Int(offsets[0]))
        switch self {
        case .lines:
            for row in 0..<column.count {
                out.append(contentsOf: column.bytes(row))
                out.append(UInt8(ascii: "\n"))
            }
        case .concatenated:
            out.append(contentsOf: bytes)
        case .avroBlocks(let marker):
            Self.appendLong(column.count - column.nullCount, to: &out)
            Self.appendLong(bytes.count, to: &out)
            out.append(contentsOf: bytes)
            out += marker
        }
    }

    /// Avro's `long`: zigzag, then seven bits a byte, the lowest first.
    static func appendLong(_ value: Int, to out: inout [UInt8]) {
        var rest = UInt64(bitPattern: Int64((value << 1) ^ (value >> 63)))
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }
}
