/// A value as a command or reply carries it: numbers, text and bytes by value, the rest by name.
public enum WireValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int32(Int32)
    case int64(Int64)
    case double(Double)
    /// Digits in plain notation; see ``PlainDecimal``.
    case decimal(String)
    case string(String)
    case bytes([UInt8])
    case reference(ObjectID)
    /// A Python object: its name in the client's pool and the interfaces it implements.
    case proxy(id: String, interfaces: [String])

    /// Reads one part of a command: a type byte and the value's text.
    public static func parse(_ part: UnsafeRawBufferPointer) throws(WireError) -> WireValue {
        guard let tag = part.first else {
            throw WireError(.value, "Command Part is Empty or is the End of Command Part")
        }
        switch tag {
        case Wire.Tag.int:
            guard let value = Digits.signed(part, from: 1) else { throw number(part) }
            // As in Java: what does not fit an int is a long.
            if let small = Int32(exactly: value) { return .int32(small) }
            return .int64(value)
        case Wire.Tag.long:
            guard let value = Digits.signed(part, from: 1) else { throw number(part) }
            return .int64(value)
        case Wire.Tag.string:
            return .string(Escaping.unescape(UnsafeRawBufferPointer(rebasing: part[1...])))
        case ReferenceKind.object.rawValue:
            let name = UnsafeRawBufferPointer(rebasing: part[1...])
            guard name.contains(where: { $0 > 0x20 }) else {
                throw WireError(.value, "Reference is empty.")
            }
            return .reference(ObjectID.parse(name))
        case Wire.Tag.null, Wire.void:
            return .null
        case Wire.Tag.bool:
            return .bool(isTrue(part))
        case Wire.Tag.double:
            guard let value = Digits.double(part, from: 1) else { throw number(part) }
            return .double(value)
        case Wire.Tag.decimal:
            let text = String(decoding: part[1...], as: UTF8.self)
            guard let plain = PlainDecimal.normalize(text) else { throw number(part) }
            return .decimal(plain)
        case Wire.Tag.bytes:
            let text = UnsafeRawBufferPointer(rebasing: part[1...])
            guard let content = Base64.decode(text) else {
                throw WireError(.value, "Invalid Base64: \(WireError.excerpt(text))")
            }
            return .bytes(content)
        case Wire.Tag.proxy:
            let pieces = String(decoding: part[1...], as: UTF8.self).split(
                separator: ";", omittingEmptySubsequences: false)
            guard pieces.count >= 2, !pieces[0].isEmpty else {
                throw WireError(.value, "Invalid Python Proxy.")
            }
            return .proxy(id: String(pieces[0]), interfaces: pieces.dropFirst().map(String.init))
        default:
            throw WireError(.value, "Command Part is unknown: \(WireError.excerpt(part))")
        }
    }

    /// Appends type and value, without a line break.
    public func write(to writer: inout WireWriter) {
        switch self {
        case .null: writer.byte(Wire.Tag.null)
        case .bool(let value):
            writer.byte(Wire.Tag.bool)
            writer.raw(value ? "true" : "false")
        case .int32(let value):
            writer.byte(Wire.Tag.int)
            writer.integer(Int64(value))
        case .int64(let value):
            writer.byte(Wire.Tag.long)
            writer.integer(value)
        case .double(let value):
            writer.byte(Wire.Tag.double)
            writer.raw(JavaNumberFormat.string(value))
        case .decimal(let text):
            writer.byte(Wire.Tag.decimal)
            writer.raw(text)
        case .string(let text):
            writer.byte(Wire.Tag.string)
            writer.escaped(text)
        case .bytes(let content):
            writer.byte(Wire.Tag.bytes)
            writer.base64(content)
        case .reference(let id):
            writer.byte(ReferenceKind.object.rawValue)
            writer.identifier(id)
        case .proxy(let id, let interfaces):
            writer.byte(Wire.Tag.proxy)
            writer.raw(id)
            for interface in interfaces {
                writer.byte(UInt8(ascii: ";"))
                writer.raw(interface)
            }
        }
    }

    private static func isTrue(_ part: UnsafeRawBufferPointer) -> Bool {
        let expected: StaticString = "true"
        guard part.count == 5 else { return false }
        for index in 0..<4 where part[index + 1] | 0x20 != expected.utf8Start[index] {
            return false
        }
        return true
    }

    private static func number(_ part: UnsafeRawBufferPointer) -> WireError {
        let text = UnsafeRawBufferPointer(rebasing: part[1...])
        return WireError(.number, "For input string: \"\(WireError.excerpt(text))\"")
    }
}
