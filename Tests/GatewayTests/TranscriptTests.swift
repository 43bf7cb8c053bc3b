import Py4J
import Testing

@testable import Gateway

#if canImport(Glibc)
    import Glibc
#endif

/// Our replies against those that were recorded from Py4J's own Java gateway (Fixtures/record.py).
@Suite struct TranscriptTests {
    struct Exchange: Sendable {
        let command: String
        let reply: String
    }

    struct Scenario: Sendable, CustomTestStringConvertible {
        let name: String
        var exchanges: [Exchange] = []
        var testDescription: String { name }
    }

    /// Where ours is better: a number that does not fit is no reason to close the connection.
    static let deviations = [
        "!zsjava.lang.NumberFormatException": "!xsjava.lang.NumberFormatException"
    ]

    static let scenarios: [Scenario] = {
        let path = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let file = fopen("/\(path)/Fixtures/java.transcript", "r") else { return [] }
        defer { fclose(file) }
        var scenarios: [Scenario] = []
        var command = ""
        var buffer: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(buffer) }
        while getline(&buffer, &size, file) > 0, let start = buffer {
            let line = String(cString: start).dropLast()
            let rest = String(line.dropFirst(2))
            switch line.first {
            case "#": scenarios.append(Scenario(name: rest))
            case ">": command = rest
            default:
                scenarios[scenarios.count - 1].exchanges.append(
                    Exchange(command: command, reply: rest))
            }
        }
        return scenarios
    }()

    @Test func areThere() {
        #expect(Self.scenarios.count >= 9)
        #expect(Self.scenarios.flatMap(\.exchanges).count > 200)
    }

    @Test(arguments: scenarios)
    func repliesAreThoseOfJava(_ scenario: Scenario) async throws {
        try await withServer(entryPoint: nil) { server in
            for exchange in scenario.exchanges {
                let client = try await TestClient.connect(server.port)
                try await client.write(Self.unescaped(exchange.command))
                var expected = exchange.reply
                for (theirs, ours) in Self.deviations where expected.hasPrefix(theirs) {
                    expected = ours + expected.dropFirst(theirs.count)
                }
                let reply = try await client.line()
                if let end = expected.firstIndex(of: "…") {
                    // Behind it was a stack trace of Java's own code.
                    #expect(reply.hasPrefix(expected[..<end]), "\(exchange.command)")
                    #expect(reply.dropFirst(expected[..<end].count).hasPrefix("\\n"))
                } else {
                    #expect(reply == expected, "\(exchange.command)")
                }
                try await client.close()
            }
        }
    }

    private static func unescaped(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "\\", let next = rest.popFirst() else {
                result.append(character)
                continue
            }
            result.append(next == "n" ? "\n" : next)
        }
        return result
    }
}
