/// Who may speak on a connection that carries commands one way and callbacks the other.
///
/// While a command runs, the peer waits. If the command calls back, the peer either answers or
/// sends a command of its own, nested in the first; only then does the first go on. So the open
/// exchanges form a stack, and what arrives is for its top.
public struct Conversation: Sendable, Equatable {
    public enum Step: Sendable, Equatable {
        /// A command of the peer runs here.
        case executing
        /// A callback of ours runs there.
        case awaitingAnswer
    }

    /// Innermost last.
    public private(set) var steps: [Step] = []
    /// How deep calls may nest; Python's own recursion limit is near 1000.
    public let maximumDepth: Int

    public init(maximumDepth: Int = 2000) { self.maximumDepth = maximumDepth }

    public var isIdle: Bool { steps.isEmpty }
    /// Whether a frame from the peer may be looked at now.
    public var isListening: Bool { steps.last != .executing }
    public var awaitsAnswer: Bool { steps.last == .awaitingAnswer }
    public var mayCallBack: Bool {
        steps.last != .awaitingAnswer && steps.count < maximumDepth
    }
    public var mayExecute: Bool { isListening && steps.count < maximumDepth }

    /// A command of the peer starts.
    public mutating func beginCommand() {
        assert(mayExecute)
        steps.append(.executing)
    }

    /// The innermost command has been answered.
    public mutating func endCommand() {
        assert(steps.last == .executing)
        if steps.last == .executing { steps.removeLast() }
    }

    /// A callback has been sent.
    public mutating func beginCallback() {
        assert(mayCallBack)
        steps.append(.awaitingAnswer)
    }

    /// - Returns: false if no answer is awaited: the peer does not follow the protocol.
    public mutating func endCallback() -> Bool {
        guard steps.last == .awaitingAnswer else { return false }
        steps.removeLast()
        return true
    }
}
