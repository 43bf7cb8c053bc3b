#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Cuts UTF-8 text that arrives in pieces into lines, without doing any input itself.
///
/// Lines end at `\n`, `\r` or `\r\n`, as for Java's `BufferedReader`; what follows the last line end
/// is a line if it is not empty. What is not UTF-8 becomes U+FFFD, line by line.
///
/// The caller fills `space(atLeast:)`, says how much with `filled(_:)` and, when nothing is left,
/// calls `endInput()`; `read` moves whole lines to a column until it wants more input.
///
/// Invariants: 0 ≤ start ≤ searched ≤ end ≤ capacity; no line end lies in `start..<searched`; the
/// bytes in `start..<valid` are UTF-8; memory is allocated `StringColumnWriter.slack` bytes longer.
public struct LineSplitter: ~Copyable {
    public enum Outcome: Hashable, Sendable {
        /// The column has all the rows or bytes that it may have.
        case full
        /// No whole line is left; there is more if the input has more.
        case needsInput
        /// The input has ended, or the next line starts at or behind the limit.
        case ended
        /// The line at `position` is longer than it may be.
        case lineTooLong
    }

    /// Where the next line starts: bytes since the beginning of the stream.
    public private(set) var position: Int64
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var searched = 0
    private var valid = 0
    private var end = 0
    private var hasEnded = false
    private var skipsLine: Bool
    private var isClean: Bool

    /// - Parameters:
    ///   - position: the offset in the stream of the first byte that will be filled in.
    ///   - skipsFirstLine: leaves out everything up to and with the first line end.
    ///   - assumesValid: the input is known to be UTF-8.
    public init(
        chunk: Int, position: Int64 = 0, skipsFirstLine: Bool = false, assumesValid: Bool = false
    ) {
        self.position = position
        capacity = max(chunk, 16)
        skipsLine = skipsFirstLine
        isClean = assumesValid
        memory = .allocate(byteCount: capacity + StringColumnWriter.slack, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// Bytes held that no line has been made of yet.
    public var pending: Int { end - start }

    /// Starts over with another stream, keeping the memory.
    public mutating func restart(at position: Int64, skipsFirstLine: Bool, assumesValid: Bool) {
        self.position = position
        skipsLine = skipsFirstLine
        isClean = assumesValid
        hasEnded = false
        (start, searched, valid, end) = (0, 0, 0, 0)
    }

    /// Free memory to read into: what is left of the chunk, or as much again if the chunk holds
    /// nothing but the beginning of one line.
    public mutating func space() -> UnsafeMutableRawBufferPointer {
        if start > 0 {
            memmove(memory, memory + start, end - start)
            searched -= start
            valid -= start
            end -= start
            start = 0
        }
        if end > capacity / 2 {
            capacity *= 2
            let larger = UnsafeMutableRawPointer.allocate(
                byteCount: capacity + StringColumnWriter.slack, alignment: 64)
            memcpy(larger, memory, end)
            memory.deallocate()
            memory = larger
        }
        return UnsafeMutableRawBufferPointer(start: memory + end, count: capacity - end)
    }

    /// Says that the first `count` bytes of `space()` now hold input.
    public mutating func filled(_ count: Int) {
        precondition(count >= 0 && count <= capacity - end)
        end += count
    }

    /// Says that no more input comes.
    public mutating func endInput() { hasEnded = true }

    private var bytes: UnsafePointer<UInt8> {
        UnsafePointer(memory.assumingMemoryBound(to: UInt8.self))
    }

    /// The first `byte` in `from..<end`, or `end`.
    @inline(__always)
    private func find(_ byte: UInt8, from: Int) -> Int {
        guard from < end, let hit = memchr(memory + from, Int32(byte), end - from) else {
            return end
        }
        return hit - UnsafeMutableRawPointer(memory)
    }

    /// Moves whole lines to `column` while it has at most `maxBytes` bytes and the lines start
    /// before `limit`.
    public mutating func read(
        into column: inout StringColumnWriter, maxBytes: Int, before limit: Int64 = .max,
        lineLimit: Int = 1 << 30
    ) -> Outcome {
        if skipsLine, !skipLine() { return hasEnded ? .ended : .needsInput }
        if column.isFull { return .full }
        var carriageReturn = find(0x0D, from: searched)
        while true {
            if position >= limit { return .ended }
            let newline = find(0x0A, from: searched)
            let lineEnd = min(newline, carriageReturn)
            var next = lineEnd + 1
            if lineEnd == end {
                searched = end
                guard hasEnded else { return tooLong(end - start, lineLimit) ?? .needsInput }
                if start == end { return .ended }
                next = end
            } else if lineEnd == carriageReturn {
                if lineEnd + 1 == newline, newline < end {
                    next = newline + 1
                } else if lineEnd + 1 == end, !hasEnded {
                    // Whether a \n belongs to this line end is not known yet.
                    searched = lineEnd
                    return tooLong(lineEnd - start, lineLimit) ?? .needsInput
                }
                carriageReturn = find(0x0D, from: min(next, end))
            }
            if let outcome = tooLong(lineEnd - start, lineLimit) { return outcome }
            // At least one line goes into an empty column, however long it is.
            if column.count > 0, column.byteCount + lineEnd - start > maxBytes {
                searched = start
                return .full
            }
            guard append(start..<lineEnd, to: &column) else { return .lineTooLong }
            position += Int64(next - start)
            start = next
            searched = next
            if column.isFull { return .full }
        }
    }

    private func tooLong(_ length: Int, _ limit: Int) -> Outcome? {
        length > limit ? .lineTooLong : nil
    }

    /// False: the line does not fit into any column.
    @inline(__always)
    private mutating func append(
        _ range: Range<Int>, to column: inout StringColumnWriter
    ) -> Bool {
        guard isClean || range.upperBound <= valid else { return appendChecked(range, to: &column) }
        column.append(memory + range.lowerBound, count: range.count)
        return true
    }

    /// Validates as far ahead as it can, so that the lines that follow need not be looked at.
    @inline(never)
    private mutating func appendChecked(
        _ range: Range<Int>, to column: inout StringColumnWriter
    ) -> Bool {
        let from = max(valid, range.lowerBound)
        switch UTF8Decoding.check(bytes + from, count: end - from) {
        case .valid: valid = end
        case .invalid(let index), .truncated(let index): valid = from + index
        }
        if range.upperBound <= valid {
            column.append(memory + range.lowerBound, count: range.count)
        } else {
            var repaired: [UInt8] = []
            repaired.reserveCapacity(range.count + 16)
            UTF8Decoding.appendRepaired(
                bytes + range.lowerBound, count: range.count, to: &repaired)
            // Each bad byte has become three.
            guard column.fits(repaired.count) else { return false }
            column.append(repaired)
            // A line end is never inside of a sequence, so checking goes on behind it.
            valid = range.upperBound
        }
        return true
    }

    /// Drops input up to and with the first line end; false: it has not come yet.
    private mutating func skipLine() -> Bool {
        let lineEnd = min(find(0x0A, from: start), find(0x0D, from: start))
        var next = lineEnd + 1
        if lineEnd == end {
            next = end
        } else if bytes[lineEnd] == 0x0D {
            if next < end {
                if bytes[next] == 0x0A { next += 1 }
            } else if !hasEnded {
                next = lineEnd
            }
        }
        skipsLine = next <= lineEnd
        position += Int64(next - start)
        start = next
        searched = next
        valid = next
        return !skipsLine
    }
}
