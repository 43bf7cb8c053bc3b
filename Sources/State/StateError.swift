/// What went wrong with a state, in a sentence that a user can act on.
public struct StateError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
