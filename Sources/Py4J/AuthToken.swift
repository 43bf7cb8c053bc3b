/// The secret that a client presents, and the session that it may name with it.
public enum AuthToken {
    /// Who has been let in.
    public enum Admission: Equatable, Sendable {
        /// A client that Py4J knows: its connections have nothing to do with each other.
        case client
        /// One of the connections of a client that says which are its own.
        case session(String)
    }

    /// Longest name of a session, in bytes.
    public static let maximumNameLength = 64

    /// Takes the same time wherever the texts differ; only the length of `offered` shows.
    public static func matches(_ offered: String, expected: String) -> Bool {
        matches(Array(offered.utf8)[...], expected: Array(expected.utf8))
    }

    /// Lets in who offers the token, or the token, `#` and a session's name of letters, digits,
    /// `-`, `_` and `.`; nil for everyone else. A token may have a `#` of its own.
    public static func admit(_ offered: String, expected: String) -> Admission? {
        let offered = Array(offered.utf8)
        let expected = Array(expected.utf8)
        if matches(offered[...], expected: expected) { return .client }
        // Where the secret ends is known from its length, whatever was offered.
        let name = offered.dropFirst(expected.count + 1)
        guard !name.isEmpty, name.count <= maximumNameLength, name.allSatisfy(isSafe),
            offered[expected.count] == UInt8(ascii: "#"),
            matches(offered.prefix(expected.count), expected: expected)
        else { return nil }
        return .session(String(decoding: name, as: UTF8.self))
    }

    private static func matches(_ offered: ArraySlice<UInt8>, expected: [UInt8]) -> Bool {
        var difference = UInt8(offered.count == expected.count ? 0 : 1)
        for (index, byte) in offered.enumerated() {
            // An empty secret compares with itself, so that no index is out of range.
            let other = expected.isEmpty ? 0xFF : expected[index % expected.count]
            difference |= byte ^ other
        }
        return difference == 0
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
