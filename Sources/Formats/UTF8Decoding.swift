/// Checks of raw bytes for being UTF-8, by the rules of Java's decoder (and of Unicode).
public enum UTF8Decoding {
    public enum Outcome: Hashable, Sendable {
        case valid
        /// Valid up to `index`, where a sequence begins that the bytes end in the middle of.
        case truncated(at: Int)
        /// Valid up to `index`, where something begins that no bytes could make valid.
        case invalid(at: Int)
    }

    /// How many bytes from `start` on are below 0x80 for certain; rounded down to a block.
    @inline(__always)
    static func asciiPrefix(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        let raw = UnsafeRawPointer(base)
        let high = SIMD8<UInt64>(repeating: 0x8080_8080_8080_8080)
        var index = start
        while index &+ 64 <= end {
            let block = raw.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt64>.self)
            if (block & high) != .zero { break }
            index &+= 64
        }
        while index &+ 8 <= end {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            index &+= 8
        }
        return index &- start
    }

    /// Checks `count` bytes; O(n), several GB/s where they are ASCII.
    public static func check(_ base: UnsafePointer<UInt8>, count: Int) -> Outcome {
        var index = 0
        while index < count {
            if base[index] < 0x80 {
                index &+= 1
                index &+= asciiPrefix(base, from: index, to: count)
                continue
            }
            // Text that is not ASCII mostly stays so for a while.
            while index < count, base[index] >= 0x80 {
                switch sequence(base + index, count: count &- index) {
                case .valid(let length): index &+= length
                case .truncated: return .truncated(at: index)
                case .invalid: return .invalid(at: index)
                }
            }
        }
        return .valid
    }

    enum Sequence {
        case valid(length: Int)
        case truncated
        /// To be replaced as one: Java takes the longest prefix of a valid sequence, but all three
        /// bytes of an encoded surrogate.
        case invalid(length: Int)
    }

    /// The sequence at the beginning of `count` ≥ 1 bytes, of which the first is not ASCII.
    @inline(__always)
    static func sequence(_ bytes: UnsafePointer<UInt8>, count: Int) -> Sequence {
        let first = bytes[0]
        func continues(_ index: Int) -> Bool { bytes[index] & 0xC0 == 0x80 }
        switch first {
        case 0xC2...0xDF:
            if count < 2 { return .truncated }
            return continues(1) ? .valid(length: 2) : .invalid(length: 1)
        case 0xE0...0xEF:
            if count < 2 { return .truncated }
            guard continues(1), first != 0xE0 || bytes[1] >= 0xA0 else {
                return .invalid(length: 1)
            }
            if count < 3 { return .truncated }
            guard continues(2) else { return .invalid(length: 2) }
            return first == 0xED && bytes[1] >= 0xA0 ? .invalid(length: 3) : .valid(length: 3)
        case 0xF0...0xF4:
            if count < 2 { return .truncated }
            guard continues(1), first != 0xF0 || bytes[1] >= 0x90,
                first != 0xF4 || bytes[1] < 0x90
            else { return .invalid(length: 1) }
            if count < 3 { return .truncated }
            guard continues(2) else { return .invalid(length: 2) }
            if count < 4 { return .truncated }
            return continues(3) ? .valid(length: 4) : .invalid(length: 3)
        default:
            return .invalid(length: 1)
        }
    }

    /// Appends the bytes to `out` with U+FFFD for all that is not UTF-8, as Java's decoder does:
    /// a sequence that is cut off at the end is replaced once.
    public static func appendRepaired(
        _ base: UnsafePointer<UInt8>, count: Int, to out: inout [UInt8]
    ) {
        var copied = 0
        var index = 0
        func flush() -> UnsafeBufferPointer<UInt8> {
            .init(start: base + copied, count: index - copied)
        }
        while index < count {
            switch check(base + index, count: count - index) {
            case .valid:
                index = count
            case .truncated(let at):
                index += at
                out.append(contentsOf: flush())
                out.append(contentsOf: replacement)
                return
            case .invalid(let at):
                index += at
                out.append(contentsOf: flush())
                out.append(contentsOf: replacement)
                if case .invalid(let length) = sequence(base + index, count: count - index) {
                    index += length
                } else {
                    index += 1
                }
                copied = index
            }
        }
        out.append(contentsOf: flush())
    }

    /// U+FFFD in UTF-8.
    public static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
}
