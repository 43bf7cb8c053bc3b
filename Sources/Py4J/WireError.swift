/// Why bytes of the wire were refused. The text is for the person at the other end.
public struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// A number that is none, or that does not fit.
        case number
        /// A value whose form is wrong otherwise.
        case value
        /// A command or sub-command that the protocol does not have.
        case unknownCommand
        /// More bytes or lines than the limits allow.
        case tooLarge
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// The exception that the Java gateway raises for the same input.
    public var javaClass: String {
        code == .number ? "java.lang.NumberFormatException" : "py4j.Py4JException"
    }

    /// Enough of the offending input to recognise it, never all of a large one.
    static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
        let limit = 60
        let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
        return bytes.count > limit ? text + "…" : text
    }
}
