import Glibc
import Testing

@testable import Formats

/// The decoders against what Java 17 makes of the same bytes, right and wrong ones.
@Suite struct DecodingTests {
    private func hex(_ text: Substring) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
        }
    }

    @Test func decodesAsJavaDoes() throws {
        let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let golden = getenv("MARTLET_JAVA_DECODING").map { String(cString: $0) }
        let path = golden ?? "/\(directory)/Golden/java-decoding.txt"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var random = SeededRandom(3)
        var checked = 0
        var line = [CChar](repeating: 0, count: 1000)
        while fgets(&line, 1000, file) != nil {
            let text = String(
                decoding: line.prefix { $0 != 10 && $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
            let parts = text.split(separator: " ", omittingEmptySubsequences: false)
            let input = hex(parts[1])
            let charset = try #require(Charset(named: String(parts[0])))
            var decoded: [UInt8] = []
            if charset == .utf8 {
                UTF8Decoding.appendRepaired(input, count: input.count, to: &decoded)
            } else {
                var transcoder = Transcoder(from: charset)
                let cut = Int.random(in: 0...input.count, using: &random)
                input.withUnsafeBytes {
                    transcoder.decode(.init(rebasing: $0[..<cut]), isLast: false, to: &decoded)
                    transcoder.decode(.init(rebasing: $0[cut...]), isLast: true, to: &decoded)
                }
            }
            #expect(decoded == hex(parts[2]), "\(text)")
            checked += 1
        }
        #expect(checked >= 400)
    }
}
