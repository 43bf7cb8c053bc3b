import Testing

@testable import Py4J

@Suite struct FrameTests {
    @Test(arguments: WireFixtures.commands)
    func survivesTheWire(_ command: Command) throws {
        #expect(try WireFixtures.parse(WireFixtures.bytes(command)) == command)
    }

    @Test(arguments: WireFixtures.commands)
    func endsAtTheSameByteHoweverItArrives(_ command: Command) throws {
        let frame = WireFixtures.bytes(command)
        let bytes = frame + Array("c\nt\n".utf8)
        for piece in [1, 2, 3, 7] {
            var scanner = FrameScanner()
            var status = FrameScanner.Status.incomplete
            var received = 0
            while status == .incomplete, received < bytes.count {
                received = min(received + piece, bytes.count)
                status = try bytes[..<received].withUnsafeBytes {
                    try scanner.scan($0, limits: .default)
                }
            }
            #expect(status == .complete(length: frame.count))
        }
    }

    @Test func framesFollowEachOther() throws {
        let bytes = WireFixtures.commands.flatMap(WireFixtures.bytes)
        var scanner = FrameScanner()
        var start = 0
        var commands: [Command] = []
        while start < bytes.count {
            try bytes[start...].withUnsafeBytes { buffer in
                guard case .complete(let length) = try scanner.scan(buffer, limits: .default)
                else {
                    Issue.record("a frame does not end")
                    start = bytes.count
                    return
                }
                commands.append(
                    try Command.parse(Frame(bytes: buffer, lineEnds: scanner.lineEnds)))
                start += length
            }
            scanner.reset()
        }
        #expect(commands == WireFixtures.commands)
    }

    @Test func aCutFrameIsIncomplete() throws {
        for command in WireFixtures.commands {
            let bytes = WireFixtures.bytes(command)
            for length in 0..<bytes.count {
                var scanner = FrameScanner()
                let status = try bytes[..<length].withUnsafeBytes {
                    try scanner.scan($0, limits: .default)
                }
                #expect(status == .incomplete)
            }
        }
    }

    @Test(arguments: ["X\n", "cc\n", "POST / HTTP/1.1\r\n", "\u{0}\u{1}\n", " \n"])
    func refusesUnknownCommands(_ text: String) {
        #expect { try WireFixtures.parse(text) } throws: {
            ($0 as? WireError)?.code == .unknownCommand
        }
    }

    @Test(arguments: [
        "a\nq\no1\ne\n", "l\nq\no1\ne\n", "m\nq\no1\ne\n", "f\nq\no1\nx\ne\n",
        "r\nq\nx\ny\ne\n", "j\nq\nrj\nx\ne\n", "d\nq\no1\ne\n", "h\nq\no1\nn\nbtrue\ne\n",
    ])
    func refusesUnknownSubcommandsWhenTheyAreComplete(_ text: String) {
        #expect { try WireFixtures.parse(text) } throws: {
            ($0 as? WireError)?.code == .unknownCommand
        }
    }

    @Test(arguments: [
        "c\nt\nrun\nq1\ne\n", "a\ng\no1\nsx\ne\n", "a\ng\no1\ne\n", "l\nl\no1\nsx\ne\n",
        "f\ns\no1\nx\ne\n", "z\n127.0.0.1\nx\n2\n", "z\n127.0.0.1\n1\n65536\n",
        "h\no\no1\ne\n", "r\nu\nx\n\ne\n", "p\ne\n", "a\nc\ni1\ni1\ne\n",
    ])
    func refusesWrongParts(_ text: String) {
        #expect(throws: WireError.self) { try WireFixtures.parse(text) }
    }

    @Test func limitsLengthBeforeTheFrameIsThere() {
        let limits = FrameLimits(maximumLength: 100, maximumLines: 10)
        var scanner = FrameScanner()
        let bytes = Array("c\nt\nrun\ns".utf8) + Array(repeating: UInt8(ascii: "x"), count: 100)
        #expect {
            try bytes.withUnsafeBytes { try scanner.scan($0, limits: limits) }
        } throws: { ($0 as? WireError)?.code == .tooLarge }
    }

    @Test func limitsLines() {
        let limits = FrameLimits(maximumLength: 1000, maximumLines: 10)
        let text = "c\nt\nrun\n" + String(repeating: "n\n", count: 10) + "e\n"
        #expect {
            try WireFixtures.parse(Array(text.utf8), limits: limits)
        } throws: { ($0 as? WireError)?.code == .tooLarge }
    }

    @Test func findsLineBreaksAtEveryOffset() {
        for length in 0..<40 {
            for position in 0..<length {
                var bytes = [UInt8](repeating: 0x0B, count: length)
                bytes[position] = Wire.newline
                if position + 1 < length { bytes[position + 1] = Wire.newline }
                for start in 0...position {
                    let found = bytes.withUnsafeBytes { LineBreak.first(in: $0, from: start) }
                    #expect(found == position)
                }
            }
        }
        #expect([UInt8]().withUnsafeBytes { LineBreak.first(in: $0, from: 0) } == nil)
    }

    /// The time to receive a long line in small pieces must not grow with its square.
    @Test func aLongLineIsSearchedOnce() throws {
        let bytes =
            Array("c\nt\nrun\ns".utf8) + Array(repeating: UInt8(ascii: "x"), count: 1 << 22)
            + Array("\ne\n".utf8)
        var scanner = FrameScanner()
        let clock = ContinuousClock()
        let start = clock.now
        var status = FrameScanner.Status.incomplete
        for end in stride(from: 1024, through: bytes.count + 1023, by: 1024) {
            status = try bytes.withUnsafeBytes { buffer in
                try scanner.scan(
                    UnsafeRawBufferPointer(rebasing: buffer[..<min(end, bytes.count)]),
                    limits: .default)
            }
        }
        #expect(status == .complete(length: bytes.count))
        #expect(clock.now - start < .seconds(5))
    }
}
