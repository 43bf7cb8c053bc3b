/// Comparing secrets.
public enum AuthToken {
    /// Takes the same time wherever the texts differ; only the length of `offered` shows.
    public static func matches(_ offered: String, expected: String) -> Bool {
        let offered = Array(offered.utf8)
        let expected = Array(expected.utf8)
        var difference = UInt8(offered.count == expected.count ? 0 : 1)
        for index in 0..<offered.count {
            // An empty secret compares with itself, so that no index is out of range.
            let other = expected.isEmpty ? 0xFF : expected[index % expected.count]
            difference |= offered[index] ^ other
        }
        return difference == 0
    }
}
