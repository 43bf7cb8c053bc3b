/// The lines of one complete frame. Valid only while the bytes it points to are; never stored.
public struct Frame {
    private let bytes: UnsafeRawBufferPointer
    private let lineEnds: [Int]

    /// - Parameters:
    ///   - bytes: At least the whole frame, from its first byte.
    ///   - lineEnds: Where ``FrameScanner`` found the line breaks.
    public init(bytes: UnsafeRawBufferPointer, lineEnds: [Int]) {
        precondition(lineEnds.last.map { $0 < bytes.count } ?? true)
        self.bytes = bytes
        self.lineEnds = lineEnds
    }

    public var lineCount: Int { lineEnds.count }

    /// The line without its break; empty if there is none with this index.
    @inline(__always)
    func line(_ index: Int) -> UnsafeRawBufferPointer {
        guard index < lineEnds.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = index == 0 ? 0 : lineEnds[index - 1] + 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<lineEnds[index]])
    }

    @inline(__always)
    func text(_ index: Int) -> String { String(decoding: line(index), as: UTF8.self) }

    /// The parts from `first` up to the end marker.
    @inline(__always)
    func arguments(from first: Int) throws(WireError) -> [WireValue] {
        // The last line is the end marker.
        let end = lineEnds.count - 1
        guard first < end else { return [] }
        var values: [WireValue] = []
        values.reserveCapacity(end - first)
        for index in first..<end { values.append(try WireValue.parse(line(index))) }
        return values
    }

    func argument(_ index: Int) throws(WireError) -> WireValue {
        guard index < lineEnds.count - 1 else {
            throw WireError(.value, "Command Part is Empty or is the End of Command Part")
        }
        return try WireValue.parse(line(index))
    }

    func integer(_ index: Int) throws(WireError) -> Int {
        switch try argument(index) {
        case .int32(let value): return Int(value)
        case .int64(let value): return Int(value)
        default:
            throw WireError(.value, "Expected an integer, got \(WireError.excerpt(line(index)))")
        }
    }
}
