#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Text that is being written: an array of bytes without its checks.
///
/// Its owner calls `deallocate()`; the functions that make one do.
struct TextBuffer {
    private var bytes = GrowableBytes()

    /// Writes text with `body` and adds it to `out`.
    static func append(to out: inout [UInt8], _ body: (inout TextBuffer) -> Void) {
        var buffer = TextBuffer()
        defer { buffer.bytes.deallocate() }
        body(&buffer)
        out.append(
            contentsOf: UnsafeRawBufferPointer(start: buffer.bytes.base, count: buffer.count))
    }

    /// Writes text with `body` into a buffer.
    static func buffer(_ body: (inout TextBuffer) -> Void) -> Buffer {
        var buffer = TextBuffer()
        body(&buffer)
        return buffer.bytes.take()
    }

    var count: Int { bytes.count }

    var last: UInt8 {
        assert(count > 0)
        return bytes.base.load(fromByteOffset: count - 1, as: UInt8.self)
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        bytes.append(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    @inline(__always)
    mutating func append(contentsOf text: UnsafeRawBufferPointer) {
        if let base = text.baseAddress { bytes.append(base, count: text.count) }
    }

    mutating func append(repeating byte: UInt8, count: Int) {
        for _ in 0..<count { append(byte) }
    }

    mutating func removeLast(_ count: Int = 1) { bytes.removeLast(count) }

    /// Moves what follows `index`, which is short, to make room.
    mutating func insert(_ byte: UInt8, at index: Int) {
        append(byte)
        let place = bytes.base + index
        memmove(place + 1, place, count - 1 - index)
        place.storeBytes(of: byte, as: UInt8.self)
    }

    mutating func insert(zeros: Int, at index: Int) {
        for _ in 0..<zeros { insert(0x30, at: index) }
    }

    private static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243\
        4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687\
        888990919293949596979899
        """

    /// Decimal digits, with zeros in front up to `width`, which is at most 20.
    @inline(__always)
    mutating func append(digits value: UInt64, width: Int = 1) {
        if value < 10, width == 1 {
            append(0x30 &+ UInt8(truncatingIfNeeded: value))
        } else {
            appendLong(digits: value, width)
        }
    }

    private mutating func appendLong(digits value: UInt64, _ width: Int) {
        let pairs = UnsafeRawPointer(Self.pairs.utf8Start)
        let length = max(Self.length(of: value), width)
        let end = bytes.appendUninitialized(length) + length
        let start = end - length
        var place = end
        var value = value
        while value >= 100 {
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: 100)
            place -= 2
            place.storeBytes(
                of: pairs.loadUnaligned(fromByteOffset: Int(rest) &* 2, as: UInt16.self),
                as: UInt16.self)
            value = quotient
        }
        repeat {
            place -= 1
            place.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: value % 10), as: UInt8.self)
            value /= 10
        } while value > 0
        while place > start {
            place -= 1
            place.storeBytes(of: 0x30, as: UInt8.self)
        }
    }

    /// The number of decimal digits.
    static func length(of value: UInt64) -> Int {
        var length = 1
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            length &+= 4
        }
        if rest >= 1000 { return length &+ 3 }
        if rest >= 100 { return length &+ 2 }
        return rest >= 10 ? length &+ 1 : length
    }
}
