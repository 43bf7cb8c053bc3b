import Columnar
import Dataflow
import Glibc
import Testing

@testable import Connectors
@testable import Formats

@Suite struct FileSinkTests {
    private let storage = MemoryStorage()
    private let clock = ManualClock(1_700_000_000_000)
    private let output = Recorder()

    /// A sink whose "random" names are counted: `u0` for the bucket, then `u1` for the file, ….
    private func open(
        on storage: MemoryStorage? = nil, _ change: (inout FileSink.Options) -> Void = { _ in }
    ) throws -> FileSink {
        var options = FileSink.Options(path: "out")
        change(&options)
        let names = NameCounter()
        let sink = try FileSink(
            options, storage: storage ?? self.storage, uniqueID: { names.next() })
        try sink.open(context(clock: clock))
        return sink
    }

    private func write(_ sink: FileSink, _ rows: String...) throws {
        try sink.process(strings(rows), input: 0, into: output)
    }

    @Test func filesAreNamedAsFlinkNamesThemAndAppearAtTheEnd() throws {
        let sink = try open {
            $0.partPrefix = "pre"
            $0.partSuffix = ".txt"
        }
        try write(sink, "a", "b")
        #expect(storage.names == ["out/.pre-u0-0.txt.inprogress.u1"])
        try sink.finish(into: output)
        #expect(storage.contents == ["out/pre-u0-0.txt": "a\nb\n"])
    }

    @Test func aPartIsRolledBehindTheRowThatMakesItTooLarge() throws {
        let sink = try open { $0.rolling.partSize = 5 }
        try write(sink, "ab", "cd", "ef", "g", "hijklmnop", "q")
        try sink.finish(into: output)
        #expect(
            storage.contents == [
                "out/part-u0-0": "ab\ncd\n", "out/part-u0-1": "ef\ng\nhijklmnop\n",
                "out/part-u0-2": "q\n",
            ])
    }

    @Test func batchesDoNotMoveTheRoll() throws {
        var random = SeededRandom(5)
        for _ in 0..<200 {
            let rows = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                String(repeating: "x", count: Int.random(in: 0...6, using: &random))
            }
            let size = Int64.random(in: 1...30, using: &random)
            var expected = [""]
            for row in rows {
                if expected[expected.count - 1].utf8.count > size { expected.append("") }
                expected[expected.count - 1] += row + "\n"
            }
            let storage = MemoryStorage()
            let sink = try open(on: storage) { $0.rolling.partSize = size }
            var rest = rows[...]
            while !rest.isEmpty {
                let batch = rest.prefix(Int.random(in: 1...20, using: &random))
                rest = rest.dropFirst(batch.count)
                try sink.process(strings(Array(batch)), input: 0, into: output)
            }
            try sink.finish(into: output)
            #expect(expected.indices.map { storage.contents["out/part-u0-\($0)"] } == expected)
        }
    }

    @Test func timeRollsParts() throws {
        let sink = try open {
            $0.rolling.rolloverInterval = 1000
            $0.rolling.inactivityInterval = 300
        }
        #expect(sink.nextDeadline == nil)
        let start = clock.now()
        try write(sink, "a")
        #expect(sink.nextDeadline == start + 300)
        for _ in 0..<4 {
            clock.advance(200)
            try write(sink, "b")
            try sink.advance(to: clock.now(), into: output)
        }
        #expect(sink.nextDeadline == start + 1000)
        clock.advance(200)
        try sink.advance(to: clock.now(), into: output)
        #expect(sink.nextDeadline == nil)
        try write(sink, "c")
        clock.advance(300)
        try sink.advance(to: clock.now(), into: output)
        // Sealed, not committed.
        #expect(storage.names.allSatisfy { $0.hasPrefix("out/.part") })
        try sink.finish(into: output)
        #expect(storage.contents == ["out/part-u0-0": "a\nb\nb\nb\nb\n", "out/part-u0-1": "c\n"])
    }

    @Test func bucketsFollowTheClock() throws {
        let buckets = try BucketAssigner.dateTime(zone: "UTC")
        let sink = try open { $0.buckets = buckets }
        try write(sink, "a")
        clock.advance(3_600_000)
        try write(sink, "b")
        try sink.finish(into: output)
        #expect(
            storage.contents == [
                "out/2023-11-14--22/part-u0-0": "a\n", "out/2023-11-14--23/part-u2-0": "b\n",
            ])
    }

    @Test func sealedPartsCanBeCommittedAtOnce() throws {
        let sink = try open {
            $0.rolling.partSize = 1
            $0.commit = .whenSealed
        }
        try write(sink, "a", "b", "c")
        #expect(
            storage.contents["out/part-u0-0"] == "a\n" && storage.contents["out/part-u0-1"] == "b\n"
        )
    }

    @Test func charsetsAreEncoded() throws {
        let sink = try open { $0.charset = .latin1 }
        try write(sink, "grün€", "x")
        try sink.finish(into: output)
        #expect(storage.bytes("out/part-u0-0") == [0x67, 0x72, 0xFC, 0x6E, 0x3F, 10, 0x78, 10])
        #expect(throws: JobError.self) { try open { $0.charset = .utf16 } }
    }

    @Test func settingsAreChecked() throws {
        let options = try FileSinkOptions(settings: ["path": "x", "rolling.part-size": "5"])
        #expect(options.rolling.partSize == 5 && options.rolling.rolloverInterval == 60_000)
        #expect(
            try FileSinkOptions(settings: ["path": "x", "rolling.on-checkpoint": "true"]).rolling
                == .onCheckpoint)
        for (key, value, word) in [
            ("rolling.part-sise", "1", "did you mean 'rolling.part-size'"),
            ("rolling.part-size", "-1", "positive"),
            ("rolling.on-checkpoint", "maybe", "true or false"),
            ("bucket-assigner", "x", "base-path or date-time"),
            ("bucket-format", "yyyy-XX", "'XX'"),
            ("bucket-zone", "Mars/Base", "Mars/Base"), ("part-prefix", "a/b", "cannot have a '/'"),
            ("charset", "utf-16", "single byte"), ("charset", "nope", "not known"),
            ("path", "s3://b/x", "'s3'"),
        ] {
            let error = #expect(throws: JobError.self) {
                try FileSinkOptions.validate(["path": "x"].merging([key: value]) { $1 })
            }
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
        #expect(throws: JobError.self) { try FileSinkOptions.validate([:]) }
    }

    @Test func writesToTheFileSystem() throws {
        let directory = TemporaryDirectory()
        var options = FileSink.Options(path: "file://" + directory("deep/out"))
        options.rolling.partSize = 100
        let sink = try FileSink(options)
        try sink.open(context(clock: clock))
        for value in 0..<100 as Range<Int64> {
            try sink.process(longs([value]), input: 0, into: output)
        }
        try sink.finish(into: output)
        sink.close()
        let names = try LocalPath.list(directory("deep/out"))
        #expect(names.count == 3)
        let uuid = String(try #require(names.first).dropFirst(5).dropLast(2))
        #expect(uuid.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(names == (0..<3).map { "part-\(uuid)-\($0)" })
        let input = try TextFileInput([directory("deep/out")])
        #expect(try drain(TextFileSource(input)).strings == (0..<100).map(String.init))
    }

    @Test func whatTheSystemRefusesNamesThePath() throws {
        let directory = TemporaryDirectory()
        let file = directory.write("file", "")
        for (path, code) in [(file + "/x", "no-such-file"), ("/proc/nothing", "no-such-file")] {
            let sink = try FileSink(FileSink.Options(path: path))
            try sink.open(context(clock: clock))
            let error = #expect(throws: JobError.self) { try write(sink, "a") }
            #expect(
                error?.code == code
                    && error?.message.contains(path.split(separator: "/")[0]) == true)
        }
    }

    @Test func aFullDiskFailsTheJobAndCommitsNothing() throws {
        let sink = try open { $0.rolling.partSize = 1 }
        try write(sink, "a", "b")
        storage.failure = (.write, ENOSPC)
        let error = #expect(throws: JobError.self) { try sink.finish(into: output) }
        #expect(error?.code == "disk-full" && error?.message.contains("out/.part-u0-1") == true)
        #expect(storage.names.allSatisfy { $0.hasPrefix("out/.part") })
    }
}

@Suite struct PartFramingTests {
    private let storage = MemoryStorage()
    private let output = Recorder()

    private func contents(
        _ settings: [String: String], _ batches: [[String]]
    ) throws -> [String: [UInt8]] {
        var options = try FileSink.Options(
            settings: ["path": "out", "bucket-assigner": "base-path"].merging(settings) { $1 })
        options.rolling = .onCheckpoint
        let names = NameCounter()
        let sink = try FileSink(options, storage: storage, uniqueID: { names.next() })
        try sink.open(context(clock: ManualClock(0)))
        for batch in batches { try sink.process(strings(batch), input: 0, into: output) }
        try sink.finish(into: output)
        return Dictionary(
            uniqueKeysWithValues: storage.names.map { ($0, storage.bytes($0) ?? []) })
    }

    @Test func aHeaderStandsOnceInFrontOfRowsWithNothingBetween() throws {
        let files = try contents(
            ["framing": "concatenated", "header": "613A0a"], [["1", "22"], [], ["333"]])
        #expect(files == ["out/part-u0-0": Array("a:\n122333".utf8)])
    }

    @Test func aBatchIsABlockOfAvro() throws {
        let marker = Array("0123456789abcdef".utf8)
        let header = Array("Obj".utf8) + marker
        let digits = header.map { String($0, radix: 16) }.joined()
        let files = try contents(
            ["framing": "avro", "header": digits],
            [["a", "bc"], [String(repeating: "x", count: 70)]])
        let x = [UInt8](repeating: UInt8(ascii: "x"), count: 70)
        // Zigzag: 2 → 4, 3 → 6; 1 → 2, 70 → 140, which takes two bytes.
        let first = [4, 6] + Array("abc".utf8) + marker
        let second = [2, 140, 1] + x + marker
        #expect(files == ["out/part-u0-0": header + first + second])
    }

    @Test func longsAreZigzag() {
        for (value, bytes) in [
            (0, [0]), (-1, [1]), (1, [2]), (63, [126]), (64, [128, 1]), (70, [140, 1]),
            (8192, [128, 128, 1]),
        ] as [(Int, [UInt8])] {
            var out: [UInt8] = []
            PartFraming.appendLong(value, to: &out)
            #expect(out == bytes)
        }
    }

    @Test func settingsThatMakeNoSense() {
        for settings in [
            ["framing": "other"], ["framing": "avro"], ["header": "0"], ["header": "xy"],
        ] {
            #expect(throws: JobError.self) {
                try FileSink.Options(settings: settings.merging(["path": "out"]) { $1 })
            }
        }
    }
}
