import Columnar
import Testing

@testable import Formats

@Suite struct LineSplitterTests {
    /// What `BufferedReader.readLine` gives, and where each line starts.
    static func reference(_ bytes: [UInt8]) -> [(start: Int, line: [UInt8])] {
        var lines: [(Int, [UInt8])] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A || bytes[index] == 0x0D {
                lines.append((start, Array(bytes[start..<index])))
                if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                    index += 1
                }
                start = index + 1
            }
            index += 1
        }
        if start < bytes.count { lines.append((start, Array(bytes[start...]))) }
        return lines
    }

    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        UTF8Decoding.appendRepaired(bytes, count: bytes.count, to: &out)
        return out
    }

    /// Reads `bytes[from...]` in pieces of at most `piece` bytes.
    static func split(
        _ bytes: [UInt8], range: Range<Int>, chunk: Int, piece: Int, rows: Int, maxBytes: Int
    ) -> [[UInt8]] {
        var at = max(range.lowerBound - 1, 0)
        var splitter = LineSplitter(
            chunk: chunk, position: Int64(at), skipsFirstLine: range.lowerBound > 0)
        var lines: [[UInt8]] = []
        while true {
            var writer = StringColumnWriter(rowCapacity: rows, byteCapacity: 8)
            var outcome: LineSplitter.Outcome
            while true {
                outcome = splitter.read(
                    into: &writer, maxBytes: maxBytes, before: Int64(range.upperBound))
                guard outcome == .needsInput else { break }
                let space = splitter.space()
                let count = min(piece, space.count, bytes.count - at)
                for index in 0..<count { space[index] = bytes[at + index] }
                at += count
                if count == 0 { splitter.endInput() } else { splitter.filled(count) }
            }
            let column = writer.finish()
            lines += (0..<column.count).map { Array(column.bytes($0)) }
            if outcome == .ended { return lines }
        }
    }

    @Test func anyTextInAnyPiecesGivesTheSameLines() {
        var random = SeededRandom(7)
        let alphabets: [[UInt8]] = [
            [0x61, 0x62, 0x0A], [0x61, 0x0D, 0x0A], [0x61, 0x0D, 0x0A, 0xC3, 0xA9],
            [0x0A, 0x0D, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80, 0xED, 0xA0, 0x41],
        ]
        for round in 0..<3000 {
            let alphabet = alphabets[round % alphabets.count]
            let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
                alphabet.randomElement(using: &random)!
            }
            let expected = Self.reference(bytes)
            let chunk = Int.random(in: 16...64, using: &random)
            let piece = Int.random(in: 1...40, using: &random)
            let rows = Int.random(in: 1...9, using: &random)
            let maxBytes = Int.random(in: 0...50, using: &random)
            let cut = Int.random(in: 0...bytes.count + 1, using: &random)
            for range in [0..<Int.max, 0..<cut, cut..<Int.max] {
                let lines = Self.split(
                    bytes, range: range, chunk: chunk, piece: piece, rows: rows,
                    maxBytes: maxBytes)
                let wanted = expected.filter { range.contains($0.start) }.map {
                    Self.repaired($0.line)
                }
                #expect(lines == wanted, "\(bytes) \(range) chunk \(chunk) piece \(piece)")
            }
        }
    }

    @Test func tooLongALineIsReportedWithItsPlace() {
        var splitter = LineSplitter(chunk: 16)
        var writer = StringColumnWriter(rowCapacity: 8, byteCapacity: 8)
        func feed(_ text: String) {
            for byte in text.utf8 {
                splitter.space()[0] = byte
                splitter.filled(1)
            }
        }
        feed("ab\n")
        feed(String(repeating: "x", count: 100))
        #expect(splitter.read(into: &writer, maxBytes: 1000, lineLimit: 50) == .lineTooLong)
        #expect(splitter.position == 3)
        #expect(writer.count == 1)
    }
}
