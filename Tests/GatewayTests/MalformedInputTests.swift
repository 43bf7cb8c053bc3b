import Py4J
import Testing

@testable import Gateway

@Suite struct MalformedInputTests {
    @Test(arguments: [
        "X\n", "GET / HTTP/1.1\r\n", "cc\n", "!yv\n", "\u{0}\n", "A\u{1F600}\n",
    ])
    func whatIsNoCommandEndsTheConnection(_ text: String) async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            try await client.write(text)
            #expect(try await client.line().hasPrefix("!zs"))
            try await client.waitUntilClosed()
        }
    }

    @Test(arguments: [
        "c\nt\nadd\nix\ne\n", "c\nt\nadd\n?\ne\n", "c\nt\nadd\nj!!!!\ne\n", "a\nq\no1\ne\n",
        "c\no18446744073709551616\nx\ne\n", "c\nz:\nx\ne\n", "c\n\n\ne\n", "i\n\ne\n",
        "a\nc\nsint\ni-1\ne\n", "a\nc\nsint\ni2147483647\ne\n", "a\nc\nsint\ne\n",
        "a\nc\nsint\ni2147483647\ni2147483647\ni2147483647\ne\n", "h\nc\nnone\nn\nbtrue\ne\n",
        "d\ns\nnone\ne\n", "j\ni\nn\njava.util.*\ne\n", "c\nt\nadd\nfp0\ne\n", "p\nn\ne\n",
    ])
    func whatMakesNoSenseIsAnError(_ text: String) async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            try await client.write(text)
            #expect(try await client.line().hasPrefix("!x"), "\(text)")
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    @Test func cutFramesDoNothing() async throws {
        let counter = Counter()
        try await withServer(entryPoint: counter) { server in
            let frame = "c\nt\nadd\ni1\ne\n"
            for length in 0..<frame.utf8.count {
                let client = try await TestClient.connect(server.port)
                try await client.write(Array(frame.utf8.prefix(length)))
                try await client.close()
            }
            #expect(await eventually { server.connectionCount == 0 })
            #expect(counter.add(0) == 0)
        }
    }

    @Test func oversizedFramesAreRefusedEarly() async throws {
        try await withServer {
            $0.limits = FrameLimits(maximumLength: 10_000, maximumLines: 100)
        } body: { server in
            let long = try await TestClient.connect(server.port)
            try await long.write("c\nt\nadd\ns" + String(repeating: "x", count: 20_000))
            #expect(try await long.line().hasPrefix("!zs"))
            try await long.waitUntilClosed()
            let tall = try await TestClient.connect(server.port)
            try await tall.write("c\nt\nadd\n" + String(repeating: "n\n", count: 200))
            #expect(try await tall.line().hasPrefix("!zs"))
            try await tall.waitUntilClosed()
            let fine = try await TestClient.connect(server.port)
            #expect(
                try await fine.call(
                    .entryPoint, "count", .string(String(repeating: "x", count: 9000)))
                    == .value(.int32(1)))
        }
    }

    @Test func largeValuesAreFine() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let list = try await client.construct("java.util.ArrayList")
            let bytes = [UInt8](repeating: 0xAB, count: 2 << 20)
            _ = try await client.call(list, "add", .bytes(bytes))
            #expect(try await client.call(list, "get", .int32(0)) == .value(.bytes(bytes)))
        }
    }

    /// Lists that contain themselves, or are nested a hundred thousand deep, or whose text would
    /// fill the universe.
    @Test func strangeCollectionsAreHarmless() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let selfish = try await client.construct("java.util.ArrayList")
            _ = try await client.call(selfish, "add", .reference(selfish))
            let map = try await client.construct("java.util.HashMap")
            _ = try await client.call(map, "put", .reference(map), .reference(map))
            _ = try await client.call(map, "put", .reference(selfish), .reference(selfish))
            let set = try await client.construct("java.util.HashSet")
            _ = try await client.call(set, "add", .reference(set))
            let builder = try await client.construct("java.lang.StringBuilder", .string("x"))
            _ = try await client.call(builder, "append", .reference(builder))
            for id in [selfish, map, set, builder] {
                for method in ["toString", "hashCode"] { _ = try await client.call(id, method) }
                _ = try await client.call(id, "equals", .reference(selfish))
                _ = try await client.call(id, "equals", .reference(id))
            }
            var value = GatewayValue.object(JavaList())
            for _ in 0..<40 { value = .object(JavaList([value, value])) }
            let laughs = server.dispatcher.objects.add(JavaList([value])).id
            for method in ["toString", "hashCode"] { _ = try await client.call(laughs, method) }
            value = .object(JavaList())
            for _ in 0..<100_000 { value = .object(JavaList([value])) }
            let deep = server.dispatcher.objects.add(JavaList([value])).id
            value = .null
            for method in ["toString", "hashCode"] { _ = try await client.call(deep, method) }
            _ = try await client.send(.deleteObject(deep))
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
        }
    }

    /// Mutated commands over a real socket, the same ones on each run, for some seconds at most.
    /// Whatever they did, the server answers afterwards, unless one of them told it to end.
    @Test func mutatedCommandsOverASocket() async throws {
        var random = SplitMix(state: 42)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(3)
        var answers = 0
        repeat {
            var commands: [[UInt8]] = []
            for _ in 0..<20 {
                let seed = Seeds.commands.randomElement(using: &random) ?? ""
                commands.append(Mutation.apply(to: Array(seed.utf8), &random))
            }
            try await withServer {
                $0.limits = FrameLimits(maximumLength: 1 << 16, maximumLines: 1000)
            } body: { server in
                let client = try await TestClient.connect(server.port)
                for bytes in commands {
                    // The server may have closed the connection already.
                    do { try await client.write(bytes) } catch { break }
                }
                try? await client.close()
                guard let after = try? await TestClient.connect(server.port) else {
                    return #expect(server.hasStopped)
                }
                do {
                    let reply = try await after.call(.server, "getConnectTimeout")
                    #expect(reply == .value(.int32(0)))
                    answers += 1
                } catch {
                    #expect(server.hasStopped, "\(error)")
                }
            }
        } while clock.now < end
        #expect(answers > 0)
    }
}

/// Frames that reach far into the server. None of them stops it.
private enum Seeds {
    static let commands = [
        "c\nt\nadd\ni1\ne\n", "c\nt\naddLater\ni1\ni1\ne\n", "c\nt\nfail\ne\n",
        "i\njava.util.ArrayList\ne\n", "i\njava.util.HashMap\ne\n", "c\no0\nadd\nsx\ne\n",
        "c\no1\nput\nsa\nro0\ne\n", "l\ns\no0\ne\n", "l\nl\no0\ni0\ni1\ne\n", "l\nm\no0\ni2\ne\n",
        "l\ni\no0\ni2\ne\n", "l\na\no0\no0\ne\n", "a\nc\nsint\ni3\ne\n", "a\ns\no2\ni0\ni5\ne\n",
        "r\nu\njava.util\nrj\ne\n", "r\nm\njava.lang.Integer\nMAX_VALUE\ne\n",
        "j\nc\nsv\ne\n", "j\ni\nrj\njava.util.*\ne\n", "d\nm\nt\ne\n", "d\nv\nrj\nn\ne\n",
        "h\no\nt\nsa*\nbtrue\ne\n", "m\nd\no0\ne\n", "p\nro0\ne\n", "f\ng\nt\nvalue\ne\n",
        "f\ns\nt\nvalue\ni1\ne\n", "S\nt\nopen\ne\n", "c\nt\ngreet\nfp0;test.Greeter\ne\n",
        "c\nz:java.lang.Math\nabs\ni-1\ne\n", "c\nt\ncount\njAAEC\nD1.5\nd2.5\nL5\ne\n",
    ]
}

/// The same sequence on every run: a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private enum Mutation {
    static func apply(to bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(UInt8.random(in: 0...127, using: &random), at: index)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        // Neither the word that stops the server nor a Python object, which would be called.
        return bytes == Array("s\n".utf8) ? [] : bytes
    }
}
