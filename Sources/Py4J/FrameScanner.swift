/// Finds where a command or a reply ends, in bytes that arrive in arbitrary pieces.
///
/// The end marker `e` may also be a name (a method called `e`), so the scanner knows how many lines
/// of each command are names. It looks at every byte once, however the pieces fall.
public struct FrameScanner: Sendable {
    public enum Status: Equatable, Sendable {
        case incomplete
        /// The frame takes this many bytes, its last line break included.
        case complete(length: Int)
    }

    private enum State: Sendable {
        case command
        case subcommand(of: UInt8)
        case names(Int, hasArguments: Bool)
        case arguments
    }

    /// Offset of each line break found so far, from the start of the frame.
    public private(set) var lineEnds: [Int] = []
    private var state = State.command
    /// Where the unfinished line begins.
    private var lineStart = 0
    /// There is no line break between `lineStart` and here.
    private var searched = 0

    public init() {}

    /// Whether part of a frame has been seen.
    public var isMidFrame: Bool { searched > 0 }

    /// Forgets the frame; the next call to `scan` starts with the next one.
    public mutating func reset() {
        // A frame of a million lines must not pin its index for good.
        lineEnds.removeAll(keepingCapacity: lineEnds.capacity <= 4096)
        state = .command
        lineStart = 0
        searched = 0
    }

    /// Looks for the end of the frame that begins at the first byte.
    /// - Parameter bytes: Everything received since the frame began: what was passed last time,
    ///   and more.
    /// - Throws: ``WireError`` when the frame cannot be one or outgrows the limits. What follows on
    ///   the connection cannot be understood then.
    public mutating func scan(
        _ bytes: UnsafeRawBufferPointer, limits: FrameLimits
    ) throws(WireError) -> Status {
        while let lineEnd = LineBreak.first(in: bytes, from: searched) {
            guard lineEnd < limits.maximumLength else { throw tooLong(limits) }
            guard lineEnds.count < limits.maximumLines else {
                throw WireError(.tooLarge, "A command has more than \(limits.maximumLines) lines.")
            }
            lineEnds.append(lineEnd)
            let line = UnsafeRawBufferPointer(rebasing: bytes[lineStart..<lineEnd])
            lineStart = lineEnd + 1
            searched = lineStart
            if try isLast(line) { return .complete(length: lineStart) }
        }
        guard bytes.count <= limits.maximumLength else { throw tooLong(limits) }
        searched = bytes.count
        return .incomplete
    }

    @inline(__always)
    private mutating func isLast(_ line: UnsafeRawBufferPointer) throws(WireError) -> Bool {
        switch state {
        case .command:
            // Replies to callbacks share the connection with commands; empty lines mean nothing.
            if line.isEmpty || line[0] == Wire.returnMessage { return true }
            guard line.count == 1, let layout = Grammar.layout(command: line[0]) else {
                throw WireError(
                    .unknownCommand, "Unknown command received: \(WireError.excerpt(line))")
            }
            switch layout {
            case .complete: return true
            case .subcommand: state = .subcommand(of: line[0])
            case .names(let count, let hasArguments): expect(count, hasArguments)
            }
        case .subcommand(let command):
            guard
                case .names(let count, let hasArguments) = Grammar.layout(
                    command: command, subcommand: line.first ?? UInt8(ascii: " "))
            else { return true }
            expect(count, hasArguments)
        case .names(let count, let hasArguments):
            if count == 1, !hasArguments { return true }
            expect(count - 1, hasArguments)
        case .arguments:
            return line.isEmpty || (line.count == 1 && line[0] == Wire.end)
        }
        return false
    }

    private mutating func expect(_ names: Int, _ hasArguments: Bool) {
        state = names == 0 ? .arguments : .names(names, hasArguments: hasArguments)
    }

    private func tooLong(_ limits: FrameLimits) -> WireError {
        WireError(.tooLarge, "A command is longer than \(limits.maximumLength) bytes.")
    }
}
