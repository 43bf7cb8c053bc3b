import Testing

@testable import Py4J

/// The same sequence on every run: a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

enum Mutation {
    /// Flips, inserts, removes, repeats and cuts bytes.
    static func apply(to bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1:
                bytes.insert(Array("\ne\\!si;".utf8).randomElement(using: &random) ?? 0, at: index)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
            case 4: bytes.removeSubrange(index...)
            default: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        return bytes
    }
}

@Suite struct FuzzTests {
    /// Whatever comes in is refused or understood, and what is understood can be written.
    @Test func mutatedFramesNeverDoHarm() throws {
        var random = SplitMix(state: 2024)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(2)
        let limits = FrameLimits(maximumLength: 4096, maximumLines: 64)
        var rounds = 0
        repeat {
            let original = WireFixtures.commands.randomElement(using: &random) ?? .blank
            let bytes = Mutation.apply(to: WireFixtures.bytes(original), &random)
            if let command = try? WireFixtures.parse(bytes, limits: limits) {
                var writer = WireWriter()
                command.write(to: &writer)
                #expect(writer.bytes.last == Wire.newline)
            }
            rounds += 1
        } while clock.now < end
        #expect(rounds > 100)
    }

    @Test func noiseNeverDoesHarm() {
        var random = SplitMix(state: 7)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(1)
        repeat {
            let length = Int.random(in: 0..<200, using: &random)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? WireFixtures.parse(bytes)
            bytes.withUnsafeBytes { buffer in
                _ = try? WireValue.parse(buffer)
                _ = try? Reply.parse(buffer)
                _ = Base64.decode(buffer)
                _ = Escaping.unescape(buffer)
            }
            _ = PlainDecimal.normalize(String(decoding: bytes, as: UTF8.self))
        } while clock.now < end
    }
}
