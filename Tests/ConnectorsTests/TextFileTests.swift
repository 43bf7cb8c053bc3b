import CZlib
import Columnar
import Dataflow
import Testing

@testable import Connectors
@testable import Formats

@Suite struct TextFileTests {
    let directory = TemporaryDirectory()

    private func lines(
        _ paths: [String], parallelism: Int = 1,
        _ change: (inout TextFileInput.Options) -> Void = { _ in }
    ) throws -> [String] {
        var options = TextFileInput.Options()
        change(&options)
        let input = try TextFileInput(paths, options: options)
        return try (0..<parallelism).flatMap {
            try drain(TextFileSource(input), subtask: $0, of: parallelism).strings
        }
    }

    private func gzip(_ bytes: [UInt8], windowBits: Int32 = 31) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count + 1000)
        let capacity = output.count
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                _ = deflate(&stream, Z_FINISH)
            }
        }
        return Array(output.prefix(capacity - Int(stream.avail_out)))
    }

    @Test func readsLinesAsTheyAre() throws {
        let path = directory.write("a.txt", "one\r\n\ntwo\rthree\n\u{FEFF}é\n last")
        #expect(try lines([path]) == ["one", "", "two", "three", "\u{FEFF}é", " last"])
        #expect(try lines(["file://" + path]).count == 6)
        #expect(try lines([directory.write("empty", "")]) == [])
    }

    @Test func subtasksTogetherReadEveryLineOnce() throws {
        var random = SeededRandom(11)
        for round in 0..<60 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...80, using: &random) {
                let length = Int.random(in: 0...30, using: &random)
                text += (0..<length).map { _ in UInt8.random(in: 97...122, using: &random) }
                text += [[0x0A], [0x0D], [0x0D, 0x0A]].randomElement(using: &random)!
            }
            if Bool.random(using: &random) { text += Array("no end".utf8) }
            let path = directory.write("f\(round)", text)
            let expected = LineSplitterTests.reference(text).map {
                String(decoding: $0.line, as: UTF8.self)
            }
            let chunk = Int.random(in: 16...64, using: &random)
            let minimum = Int64.random(in: 1...20, using: &random)
            for parallelism in [1, 2, 3, 7] {
                let read = try lines([path], parallelism: parallelism) {
                    $0.chunkBytes = chunk
                    $0.minimumSplit = minimum
                    $0.batchRows = 5
                }
                #expect(read == expected)
            }
        }
    }

    @Test func filesCanBeAsLongAsTheFileSystemCounts() {
        let files = ["a", "b", "c"].map { FoundFile(path: $0, size: .max) }
        for parallelism in [1, 2, 7] {
            let plan = FileSplit.plan(files, parallelism: parallelism) { _ in true }
            #expect(plan.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func newFilesCanBeLookedForOnlyOnce() throws {
        directory.write("w/a.txt", "one")
        var options = TextFileInput.Options()
        options.monitorInterval = .max
        let source = TextFileSource(try TextFileInput([directory("w")], options: options))
        let recorder = Recorder()
        try source.open(context(clock: ManualClock(1000)))
        #expect(try source.poll(into: recorder) == .idle(until: .max))
        #expect(recorder.strings == ["one"])
    }

    @Test func pathsAreEmittedOneByOne() throws {
        // Also those of files that are packed in a way that is not known here.
        let paths = ["p/a.csv", "p/b.csv.xz"].map { directory.write($0, "x\ny") }
        var options = TextFileInput.Options()
        options.emitsPaths = true
        let found = try drain(
            TextFileSource(try TextFileInput([directory("p")], options: options)))
        #expect(found.strings == paths)
        #expect(found.batches.map(\.count) == [1, 1])

        options.monitorInterval = 10
        let clock = ManualClock(0)
        let source = TextFileSource(try TextFileInput([directory("p")], options: options))
        let recorder = Recorder()
        try source.open(context(clock: clock))
        #expect(try source.poll(into: recorder) == .more)
        #expect(try source.poll(into: recorder) == .idle(until: 10))
        let third = directory.write("p/c.csv", "")
        clock.set(10)
        #expect(try source.poll(into: recorder) == .idle(until: 20))
        #expect(recorder.strings == paths + [third])
    }

    @Test func bracesAreExpandedWithinReason() {
        #expect(Glob.expandingBraces("a{b,c{d,e}}") == ["ab", "acd", "ace"])
        #expect(Glob.expandingBraces("{a,b}{c,d}") == ["ac", "ad", "bc", "bd"])
        #expect(Glob.expandingBraces("a{b") == ["a{b"])
        let many = String(repeating: "{a,b}", count: 60)
        #expect(Glob.expandingBraces(many) == [many])
        #expect(Glob.expandingBraces(String(repeating: "{a,b}", count: 12)).count == 4096)
    }

    @Test func aFileThatMayNotBeCutGoesToOneReader() throws {
        let path = directory.write("whole.txt", String(repeating: "0123456789\n", count: 1000))
        var options = TextFileInput.Options()
        options.minimumSplit = 1
        func readers() throws -> [Int] {
            let input = try TextFileInput([path], options: options)
            return (0..<4).map { input.splits(subtask: $0, parallelism: 4).count }
        }
        #expect(try readers() == [1, 1, 1, 1])
        options.isSplittable = false
        #expect(try readers() == [1, 0, 0, 0])
    }

    @Test func directoriesAreReadInOrderWithoutHiddenFiles() throws {
        for name in ["d/b.txt", "d/a.txt", "d/.hidden", "d/_SUCCESS", "d/sub/c.txt", "d/.git/x"] {
            directory.write(name, name)
        }
        #expect(try lines([directory("d")]) == ["d/a.txt", "d/b.txt", "d/sub/c.txt"])
        // What is named is read.
        #expect(
            try lines([directory("d/_SUCCESS"), directory("d/.git")]) == ["d/_SUCCESS", "d/.git/x"])
        // A file found twice is read once.
        #expect(try lines([directory("d/a.txt"), directory("d")]).count == 3)
    }

    @Test func patternsFindFiles() throws {
        for name in ["l/2024-01.log", "l/2024-02.log", "l/2025-01.log", "l/x[1].log", "l/_t.log"] {
            directory.write(name, name)
        }
        let cases: [(String, [String])] = [
            ("l/*.log", ["l/2024-01.log", "l/2024-02.log", "l/2025-01.log", "l/x[1].log"]),
            ("l/2024-0?.log", ["l/2024-01.log", "l/2024-02.log"]),
            ("l/202[5-9]*", ["l/2025-01.log"]),
            ("l/202[!5]*", ["l/2024-01.log", "l/2024-02.log"]),
            ("{l,m}/2024-{01,03}.log", ["l/2024-01.log"]),
            ("l/x[1].log", ["l/x[1].log"]),
            ("*/x\\[1\\].log", ["l/x[1].log"]),
            ("?", ["l/2024-01.log", "l/2024-02.log", "l/2025-01.log", "l/x[1].log"]),
        ]
        for (pattern, expected) in cases {
            #expect(try lines([directory(pattern)]) == expected, "\(pattern)")
        }
    }

    @Test func compressedFilesAreUnpacked() throws {
        let text = (0..<20_000).map { "line \($0)" }
        let bytes = Array(text.joined(separator: "\n").utf8)
        directory.write("a.gz", gzip(bytes))
        directory.write("b.GZIP", gzip(bytes))
        directory.write("c.deflate", gzip(bytes, windowBits: 15))
        directory.write("d.gz", gzip(Array("one\n".utf8)) + gzip(Array("two".utf8)) + [0, 0, 0])
        for name in ["a.gz", "b.GZIP", "c.deflate"] {
            #expect(try lines([directory(name)]) == text)
            #expect(try lines([directory(name)], parallelism: 2) { $0.minimumSplit = 1 } == text)
        }
        #expect(try lines([directory("d.gz")]) == ["one", "two"])
    }

    @Test func brokenCompressionNamesTheFile() throws {
        let whole = gzip(Array(repeating: 65, count: 1000))
        for (name, bytes, word) in [
            ("cut.gz", Array(whole.dropLast(9)), "cut off"), ("empty.gz", [], "cut off"),
            ("plain.gz", Array("hello there".utf8), "incorrect header check"),
        ] {
            let path = directory.write(name, bytes)
            let error = #expect(throws: JobError.self) { try lines([path]) }
            #expect(error?.message.contains(path) == true && error?.message.contains(word) == true)
        }
        for (name, codec) in [("x.bz2", "bzip2"), ("x.xz", "xz"), ("x.zst", "Zstandard")] {
            let error = #expect(throws: JobError.self) {
                try TextFileInput.validate([directory.write(name, "")])
            }
            #expect(error?.message.contains(codec) == true)
        }
    }

    @Test func charsetsAreDecoded() throws {
        let text = "grün\n€\r\n𝄞"
        func utf16(_ little: Bool) -> [UInt8] {
            text.utf16.flatMap { unit -> [UInt8] in
                let (low, high) = (UInt8(unit & 0xFF), UInt8(unit >> 8))
                return little ? [low, high] : [high, low]
            }
        }
        let files: [(String, [UInt8])] = [
            ("UTF-16LE", utf16(true)), ("UTF-16BE", utf16(false)), ("UTF-16", utf16(false)),
            ("utf-16", [0xFF, 0xFE] + utf16(true)), ("utf8", Array(text.utf8)),
        ]
        for (charset, bytes) in files {
            let path = directory.write("t", bytes)
            #expect(try lines([path]) { $0.charset = charset } == ["grün", "€", "𝄞"], "\(charset)")
        }
        let latin = directory.write("latin", [0x67, 0x72, 0xFC, 0x6E, 0x0A, 0x80])
        #expect(try lines([latin]) { $0.charset = "latin1" } == ["grün", "\u{80}"])
        #expect(try lines([latin]) { $0.charset = "US-ASCII" } == ["gr\u{FFFD}n", "\u{FFFD}"])
        #expect(try lines([latin]) == ["gr\u{FFFD}n", "\u{FFFD}"])
        let error = #expect(throws: JobError.self) { try lines([latin]) { $0.charset = "Big5" } }
        #expect(error?.message.contains("Big5") == true)
    }

    @Test func missingFilesAreExplained() throws {
        directory.write("data/events.csv", "")
        func message(_ path: String) -> String {
            do {
                try TextFileInput.validate([path])
                return "no error"
            } catch { return error.message }
        }
        let wrong = message(directory("data/evnets.csv"))
        #expect(wrong.contains("did you mean \(directory("data/events.csv"))?"))
        #expect(message(directory("dta/events.csv")).contains("did you mean \(directory("data"))?"))
        #expect(message(directory("data/events.csv/x")).contains("is a file, not a directory"))
        #expect(message(directory("data/*.txt")).contains("no file matches"))
        #expect(message("s3://bucket/x").contains("'s3'"))
        #expect(message("file://host/x").contains("three slashes"))
        #expect(message("").contains("empty"))
        #expect(message("/dev/null").contains("neither a file nor a directory"))
    }

    @Test func aLineThatIsTooLongNamesItsPlace() throws {
        let path = directory.write("long", "ab\n" + String(repeating: "x", count: 500))
        let error = #expect(throws: JobError.self) { try lines([path]) { $0.lineLimit = 100 } }
        #expect(error?.message.hasPrefix("the line at byte 3 of \(path)") == true)
        #expect(try lines([path]) { $0.chunkBytes = 16 }.last?.count == 500)
    }

    @Test func newFilesAreFoundWhileMonitoring() throws {
        directory.write("in/a", "1\n2")
        var options = TextFileInput.Options()
        options.monitorInterval = 100
        let input = try TextFileInput([directory("in")], options: options)
        let clock = ManualClock(5)
        let sources = (0..<2).map { _ in TextFileSource(input) }
        let recorder = Recorder()
        for (subtask, source) in sources.enumerated() {
            try source.open(context(subtask: subtask, of: 2, clock: clock))
        }
        func poll() throws {
            for source in sources {
                #expect(try source.poll(into: recorder) == .idle(until: clock.now() + 100))
            }
        }
        try poll()
        #expect(recorder.strings == ["1", "2"])
        for name in ["b", "c", "d", "e"] { directory.write("in/" + name, name) }
        for source in sources { #expect(try source.poll(into: recorder) == .idle(until: 105)) }
        clock.set(105)
        try poll()
        #expect(recorder.strings.sorted() == ["1", "2", "b", "c", "d", "e"])
        directory.write("in/a", "changed")
        clock.set(205)
        try poll()
        #expect(recorder.strings.count == 6)
        #expect(input.progress.bytesRead == 7 && input.progress.bytesTotal == 7)
    }

    @Test func progressCountsBytes() throws {
        let path = directory.write("p", String(repeating: "x\n", count: 1000))
        let input = try TextFileInput([path])
        #expect(input.progress.bytesTotal == 2000 && input.progress.bytesRead == 0)
        _ = try drain(TextFileSource(input))
        #expect(input.progress.bytesRead == 2000)
    }

    @Test func smallFilesAreSharedOutWhole() {
        let files = (0..<8).map { FoundFile(path: "f\($0)", size: 10) }
        let plan = FileSplit.plan(files, parallelism: 4) { _ in true }
        #expect(
            plan.map { $0.map(\.path) } == [
                ["f0", "f1"], ["f2", "f3"], ["f4", "f5"], ["f6", "f7"],
            ])
        let large = FileSplit.plan([FoundFile(path: "f", size: 10 << 20)], parallelism: 2) { _ in
            true
        }
        #expect(
            large == [
                [FileSplit(path: "f", start: 0, end: 5 << 20)],
                [FileSplit(path: "f", start: 5 << 20, end: .max)],
            ])
    }
}
