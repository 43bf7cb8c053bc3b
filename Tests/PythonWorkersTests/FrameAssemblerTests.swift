import Columnar
import Testing

@testable import PythonWorkers

@Suite struct FrameAssemblerTests {
    /// Feeds bytes in pieces of the given sizes, and collects the frames.
    static func assemble(_ bytes: [UInt8], pieces: () -> Int) throws -> [Frame] {
        var assembler = FrameAssembler(scratchByteCount: 64)
        var frames: [Frame] = []
        var position = 0
        while position < bytes.count {
            // A read that finds nothing changes nothing.
            #expect(assembler.fill { _, _ in -11 } == -11)
            let wanted = min(pieces(), bytes.count - position)
            let count = assembler.fill { first, second in
                #expect(first.count > 0)
                let here = min(first.count, wanted)
                first.copyBytes(from: bytes[position..<position + here])
                guard let second, here < wanted else { return here }
                let more = min(second.count, wanted - here)
                second.copyBytes(from: bytes[position + here..<position + here + more])
                return here + more
            }
            position += count
            while let frame = try assembler.next() { frames.append(frame) }
        }
        let isMidFrame = assembler.isMidFrame
        #expect(!isMidFrame)
        return frames
    }

    static func bytes(of frame: (FrameKind, [UInt8]), sequence: UInt64) -> [UInt8] {
        let header = FrameHeader(
            frame.0, flags: .last, sequence: sequence, bodyLength: frame.1.count)
        return header.encoded().array + frame.1
    }

    @Test(arguments: 0..<20) func putsFramesTogether(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let sent = (0..<50).map { _ -> (FrameKind, [UInt8]) in
            let kind = [FrameKind.ready, .result, .echo, .metrics].randomElement(using: &generator)!
            let count = [0, 1, 8, 63, 64, 500, 5000].randomElement(using: &generator)!
            return (kind, (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let bytes = sent.enumerated().flatMap { Self.bytes(of: $1, sequence: UInt64($0)) }
        let largest = [1, 7, 100, 10_000].randomElement(using: &generator)!
        let frames = try Self.assemble(bytes) { Int.random(in: 1...largest, using: &generator) }
        #expect(frames.map(\.header.kind) == sent.map(\.0))
        #expect(frames.map(\.body.array) == sent.map(\.1))
        #expect(frames.map(\.header.sequence) == Array(0..<50))
        #expect(frames.allSatisfy { Int(bitPattern: $0.body.base) % 64 == 0 })
    }

    @Test func refusesWhatIsNoFrame() {
        let good = Self.bytes(of: (.echo, []), sequence: 1)
        let changes: [(Int, UInt8)] = [(3, 0x41), (4, 99), (4, 2), (5, 0x80)]
        for (index, value) in changes {
            var bytes = good
            bytes[index] = value
            #expect(throws: FrameError.self) { _ = try Self.assemble(bytes) { 1 } }
        }
    }

    @Test func knowsThatItIsWithinAFrame() throws {
        var assembler = FrameAssembler()
        let bytes = Self.bytes(of: (.echo, [1, 2, 3]), sequence: 1)
        var states: [Bool] = [assembler.isMidFrame]
        for part in [bytes[..<5], bytes[5..<17], bytes[17...]] {
            _ = assembler.fill { first, _ in
                first.copyBytes(from: part)
                return part.count
            }
            let isWhole = try assembler.next() != nil
            #expect(isWhole == (part.endIndex == bytes.endIndex))
            states.append(assembler.isMidFrame)
        }
        #expect(states == [false, true, true, false])
    }

    @Test func survivesGarbage() {
        var generator = SeededGenerator(state: 3)
        for _ in 0..<5_000 {
            var bytes: [UInt8] = []
            for sequence in 0..<4 {
                bytes += Self.bytes(
                    of: (
                        .result,
                        [UInt8](repeating: 5, count: Int.random(in: 0..<40, using: &generator))
                    ),
                    sequence: UInt64(sequence))
            }
            for _ in 0..<2 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            }
            var assembler = FrameAssembler(scratchByteCount: 64)
            var position = 0
            while position < bytes.count {
                position += assembler.fill { first, _ in
                    let count = min(first.count, 23, bytes.count - position)
                    first.copyBytes(from: bytes[position..<position + count])
                    return count
                }
                do { while try assembler.next() != nil {} } catch { break }
            }
        }
    }
}
