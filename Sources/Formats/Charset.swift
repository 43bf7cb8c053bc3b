/// The character encodings that text is read in.
public enum Charset: String, Sendable, Hashable, CaseIterable {
    case utf8 = "UTF-8"
    case usASCII = "US-ASCII"
    case latin1 = "ISO-8859-1"
    /// A byte order mark decides; without one, big-endian.
    case utf16 = "UTF-16"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"

    /// Finds a charset by its name or one of the aliases that Java knows it by, in any case.
    public init?(named name: String) {
        switch name.uppercased() {
        case "UTF-8", "UTF8", "UNICODE-1-1-UTF-8": self = .utf8
        case "US-ASCII", "ASCII", "ISO646-US", "ISO_646.IRV:1991", "ANSI_X3.4-1968", "646", "CP367":
            self = .usASCII
        case "ISO-8859-1", "ISO8859-1", "ISO8859_1", "ISO_8859-1", "ISO_8859_1", "LATIN1", "L1",
            "8859_1", "CP819", "IBM819", "IBM-819", "819":
            self = .latin1
        case "UTF-16", "UTF16", "UTF_16", "UNICODE", "UNICODEBIG": self = .utf16
        case "UTF-16LE", "UTF_16LE", "X-UTF-16LE", "UNICODELITTLEUNMARKED":
            self = .utf16LittleEndian
        case "UTF-16BE", "UTF_16BE", "X-UTF-16BE", "ISO-10646-UCS-2", "UNICODEBIGUNMARKED":
            self = .utf16BigEndian
        default: return nil
        }
    }

    /// The names for an error message: `UTF-8, US-ASCII, …`.
    public static var supportedNames: String {
        allCases.map(\.rawValue).joined(separator: ", ")
    }
}

extension Charset {
    /// UTF-8 in this charset, as Java's encoder writes it: `?` for what the charset does not have.
    /// nil: one byte may be part of a character, so that texts cannot simply be put together.
    public func encode(_ text: [UInt8]) -> [UInt8]? {
        let limit: UInt32
        switch self {
        case .utf8: return text
        case .usASCII: limit = 0x80
        case .latin1: limit = 0x100
        case .utf16, .utf16LittleEndian, .utf16BigEndian: return nil
        }
        if text.allSatisfy({ $0 < 0x80 }) {
            return text
        }
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            out.append(scalar.value < limit ? UInt8(scalar.value) : UInt8(ascii: "?"))
        }
        return out
    }
}
