/// Turns text of another charset into UTF-8, piece by piece, as Java's decoders do: what the
/// charset does not allow becomes U+FFFD.
public struct Transcoder: Sendable {
    private var charset: Charset
    /// Bytes of a code unit or surrogate pair that is not complete yet; at most three.
    private var rest: [UInt8] = []

    public init(from charset: Charset) {
        self.charset = charset
    }

    /// No input byte becomes more than this many output bytes; a piece may add as many once.
    public static let expansion = 3

    /// Appends the UTF-8 for `bytes`; `isLast` says that nothing follows them.
    public mutating func decode(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, to out: inout [UInt8]
    ) {
        switch charset {
        case .utf8: out.append(contentsOf: bytes)
        case .usASCII:
            for byte in bytes {
                if byte < 0x80 {
                    out.append(byte)
                } else {
                    out.append(contentsOf: UTF8Decoding.replacement)
                }
            }
        case .latin1:
            for byte in bytes {
                if byte < 0x80 {
                    out.append(byte)
                } else {
                    out.append(0xC0 | byte >> 6)
                    out.append(0x80 | byte & 0x3F)
                }
            }
        case .utf16, .utf16LittleEndian, .utf16BigEndian:
            if rest.isEmpty {
                decodeUTF16(bytes, isLast: isLast, to: &out)
            } else {
                let joined = rest + bytes
                rest = []
                joined.withUnsafeBytes { decodeUTF16($0, isLast: isLast, to: &out) }
            }
        }
    }

    private mutating func decodeUTF16(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, to out: inout [UInt8]
    ) {
        var index = 0
        if charset == .utf16 {
            guard bytes.count >= 2 else {
                if isLast { replace(bytes.count > 0, &out) } else { rest = Array(bytes) }
                return
            }
            switch (bytes[0], bytes[1]) {
            case (0xFF, 0xFE): (charset, index) = (.utf16LittleEndian, 2)
            case (0xFE, 0xFF): (charset, index) = (.utf16BigEndian, 2)
            default: charset = .utf16BigEndian
            }
        }
        let low = charset == .utf16LittleEndian ? 0 : 1
        func unit(_ at: Int) -> UInt32 {
            UInt32(bytes[at + low]) | UInt32(bytes[at + 1 - low]) << 8
        }
        while index + 2 <= bytes.count {
            let first = unit(index)
            switch first {
            case 0xD800..<0xDC00:
                guard index + 4 <= bytes.count else {
                    // Java replaces what is left at the end as one.
                    if isLast { replace(true, &out) } else { rest = Array(bytes[index...]) }
                    return
                }
                let second = unit(index + 2)
                index += 4
                if second & 0xFC00 == 0xDC00 {
                    Self.append(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), to: &out)
                } else {
                    // Java's decoder drops the unit after a lone high surrogate along with it.
                    replace(true, &out)
                }
            case 0xDC00..<0xE000:
                replace(true, &out)
                index += 2
            default:
                Self.append(first, to: &out)
                index += 2
            }
        }
        if index < bytes.count {
            if isLast { replace(true, &out) } else { rest = Array(bytes[index...]) }
        }
    }

    private func replace(_ condition: Bool, _ out: inout [UInt8]) {
        if condition { out.append(contentsOf: UTF8Decoding.replacement) }
    }

    @inline(__always)
    private static func append(_ scalar: UInt32, to out: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
        switch scalar {
        case ..<0x80: out.append(UInt8(scalar))
        case ..<0x800:
            out.append(0xC0 | UInt8(scalar >> 6))
            out.append(tail(0))
        case ..<0x10000:
            out.append(0xE0 | UInt8(scalar >> 12))
            out.append(tail(6))
            out.append(tail(0))
        default:
            out.append(0xF0 | UInt8(scalar >> 18))
            out.append(tail(12))
            out.append(tail(6))
            out.append(tail(0))
        }
    }
}
