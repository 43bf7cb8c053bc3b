/// The one line that answers a command, in either direction.
public enum Reply: Equatable, Sendable {
    case void
    case value(WireValue)
    /// An object, with the Python class that suits it.
    case reference(ReferenceKind, ObjectID)
    case package
    /// A class; the name is empty when it is a member of the class that was asked.
    case type(String)
    case method
    case noMember
    /// It failed, with nothing to say.
    case failure
    /// It failed in the gateway: the text is a message and a stack trace.
    case failureText(String)
    /// The method threw: an exception object, or whatever Python raised.
    case failureValue(WireValue)
    /// The command could not be understood; the connection is closed after it.
    case fatal(String)

    public static let null = Reply.value(.null)

    /// Appends the line, with `!` in front and the line break behind.
    public func write(to writer: inout WireWriter) {
        writer.byte(Wire.returnMessage)
        switch self {
        case .failure: writer.byte(Wire.error)
        case .failureText(let text):
            writer.byte(Wire.error)
            WireValue.string(text).write(to: &writer)
        case .failureValue(let value):
            writer.byte(Wire.error)
            value.write(to: &writer)
        case .fatal(let text):
            writer.byte(Wire.fatal)
            WireValue.string(text).write(to: &writer)
        default:
            writer.byte(Wire.success)
            writePart(to: &writer)
        }
        writer.newline()
    }

    /// Appends what follows the success byte; also how the arguments of a callback are written.
    public func writePart(to writer: inout WireWriter) {
        switch self {
        case .void: writer.byte(Wire.void)
        case .value(let value): value.write(to: &writer)
        case .reference(let kind, let id):
            writer.byte(kind.rawValue)
            writer.identifier(id)
        case .package: writer.byte(Wire.package)
        case .type(let name):
            writer.byte(Wire.classType)
            writer.raw(name)
        case .method: writer.byte(Wire.method)
        case .noMember: writer.byte(Wire.noMember)
        case .failure, .failureText, .failureValue, .fatal: writer.byte(Wire.Tag.null)
        }
    }

    /// Reads a reply without its line break; the `!` may be missing.
    public static func parse(_ line: UnsafeRawBufferPointer) throws(WireError) -> Reply {
        var rest = line
        if rest.first == Wire.returnMessage { rest = UnsafeRawBufferPointer(rebasing: rest[1...]) }
        guard let status = rest.first else { throw WireError(.value, "Received an empty reply.") }
        let part = UnsafeRawBufferPointer(rebasing: rest[1...])
        switch status {
        case Wire.success: return try success(part)
        case Wire.error, Wire.fatal:
            guard !part.isEmpty else { return .failure }
            let value = try WireValue.parse(part)
            guard case .string(let text) = value else { return .failureValue(value) }
            return status == Wire.fatal ? .fatal(text) : .failureText(text)
        default:
            throw WireError(.value, "Received no reply but: \(WireError.excerpt(line))")
        }
    }

    private static func success(_ part: UnsafeRawBufferPointer) throws(WireError) -> Reply {
        // Python answers the release of a proxy with nothing after the status.
        guard let tag = part.first else { return .void }
        let name = UnsafeRawBufferPointer(rebasing: part[1...])
        switch tag {
        case Wire.void: return .void
        case Wire.package: return .package
        case Wire.method: return .method
        case Wire.noMember: return .noMember
        case Wire.classType: return .type(String(decoding: name, as: UTF8.self))
        default: break
        }
        if tag != ReferenceKind.object.rawValue, let kind = ReferenceKind(rawValue: tag) {
            return .reference(kind, ObjectID.parse(name))
        }
        let value = try WireValue.parse(part)
        if case .reference(let id) = value { return .reference(.object, id) }
        return .value(value)
    }
}
