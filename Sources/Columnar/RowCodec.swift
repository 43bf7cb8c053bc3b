/// Values of one type, or of several side by side, as bytes: how keyed state stores them.
///
/// The bytes are canonical: the same value has the same bytes, whatever column it stands in, so
/// bytes serve as keys. Written one after the other, values tell where they end.
///
/// | value | bytes |
/// |---|---|
/// | of a nullable type | 0 for a null; 1 and the value |
/// | `BOOLEAN` | 0 or 1 |
/// | integers, decimals, dates, times, timestamps, intervals | big-endian at their width, the sign bit flipped |
/// | `FLOAT`, `DOUBLE` | big-endian, the sign bit flipped, or all bits if it is set; one NaN |
/// | strings and bytes | a varint length, and the bytes |
/// | arrays, lists, maps, multisets | a varint count, and the elements (key, value, key, …) |
/// | rows, tuples | field by field |
///
/// `NULL` and rows without fields are nullable in this sense, so that every value has a byte.
/// `memcmp` orders numbers by value, strings and bytes by length and then by their bytes, nulls
/// first. Maps keep the order of their entries, so two maps are the same if that is, too. Zeros
/// of both signs differ, as they do in Java.
///
/// A varint is big-endian and as short as possible; the number of its leading 1 bits says how
/// many bytes follow the first: `0x00…0x7F`, `0x80 80…0xBF FF`, … and `0xF0` before 4 bytes.
public struct RowCodec: Sendable {
    public let types: [DataType]
    /// The types, depth first.
    let nodes: [Node]

    public init(_ types: [DataType]) {
        self.types = types
        var nodes: [Node] = []
        for type in types { Self.collect(type, into: &nodes) }
        self.nodes = nodes
    }

    public init(_ type: DataType) { self.init([type]) }

    /// How a value is written: its layout, and which transformation orders it.
    enum Form: Sendable {
        case nothing, boolean
        case int8, int16, int32, int64, int128
        case float, double
        case bytes, utf8, integer, decimal
        case list, map, fields
    }

    struct Node: Sendable {
        let form: Form
        let hasPresence: Bool
        /// The index behind the subtree that starts here: the next sibling's.
        var end: Int
    }

    private static func collect(_ type: DataType, into nodes: inout [Node]) {
        let index = nodes.count
        let children = type.childTypes
        let form = form(of: type)
        let isEmpty = form == .nothing || form == .fields && children.isEmpty
        nodes.append(Node(form: form, hasPresence: type.isNullable || isEmpty, end: 0))
        for child in children { collect(child, into: &nodes) }
        nodes[index].end = nodes.count
    }

    private static func form(of type: DataType) -> Form {
        switch type.layout {
        case .none: .nothing
        case .bits: .boolean
        case .fixed(1): .int8
        case .fixed(2): .int16
        case .fixed(4): type.kind == .float ? .float : .int32
        case .fixed(8): type.kind == .double ? .double : .int64
        case .fixed: .int128
        case .variable(.bytes): .bytes
        case .variable(.utf8): .utf8
        case .variable(.integer): .integer
        case .variable(.decimal): .decimal
        case .list: type.childTypes.count == 2 ? .map : .list
        case .fields: .fields
        }
    }
}

/// Why bytes are not those of a value.
public struct RowCodecError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String
    /// Where in the bytes.
    public let position: Int

    public var description: String { "malformed value at byte \(position): \(message)" }
}

/// The order-preserving transformations of floating-point numbers.
enum OrderedBits {
    @inline(__always)
    static func encode(_ value: Float) -> UInt32 {
        let bits = value.isNaN ? 0x7FC0_0000 : value.bitPattern
        return bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    }

    @inline(__always)
    static func encode(_ value: Double) -> UInt64 {
        let bits = value.isNaN ? 0x7FF8_0000_0000_0000 : value.bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    @inline(__always)
    static func decode(_ bits: UInt32) -> Float {
        Float(bitPattern: bits >> 31 == 1 ? bits & ~(1 << 31) : ~bits)
    }

    @inline(__always)
    static func decode(_ bits: UInt64) -> Double {
        Double(bitPattern: bits >> 63 == 1 ? bits & ~(1 << 63) : ~bits)
    }
}
