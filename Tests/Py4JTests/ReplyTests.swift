import Testing

@testable import Py4J

@Suite struct ReplyTests {
    static let replies: [Reply] = [
        .void, .null, .value(.string("a\nb")), .value(.int32(5)), .value(.bytes([1, 2])),
        .reference(.object, .object(1)), .reference(.list, .object(2)),
        .reference(.map, .object(3)), .reference(.set, .object(4)),
        .reference(.array, .object(5)), .reference(.iterator, .object(6)), .package,
        .type("a.B"), .type(""), .method, .noMember, .failure, .failureText("why\n\tat x"),
        .failureValue(.reference(.object(9))), .fatal("gone"),
    ]

    @Test(arguments: replies)
    func survivesTheWire(_ reply: Reply) throws {
        var writer = WireWriter()
        reply.write(to: &writer)
        #expect(writer.bytes.first == Wire.returnMessage)
        #expect(writer.bytes.last == Wire.newline)
        #expect(writer.bytes.dropLast().contains(Wire.newline) == false)
        let parsed = try writer.bytes.dropLast().withUnsafeBytes { try Reply.parse($0) }
        #expect(parsed == reply)
    }

    @Test func readsWhatPythonSends() throws {
        func parse(_ text: String) throws -> Reply {
            try Array(text.utf8).withUnsafeBytes { try Reply.parse($0) }
        }
        #expect(try parse("!y") == .void)
        #expect(try parse("yv") == .void)
        #expect(try parse("!yn") == .null)
        #expect(try parse("!xn") == .failureValue(.null))
        #expect(try parse("!xsObject ID unknown") == .failureText("Object ID unknown"))
        #expect(try parse("!yfp1;a.B") == .value(.proxy(id: "p1", interfaces: ["a.B"])))
        #expect(throws: WireError.self) { try parse("") }
        #expect(throws: WireError.self) { try parse("!") }
        #expect(throws: WireError.self) { try parse("!w") }
        #expect(throws: WireError.self) { try parse("!yL1111111111111111111111111") }
    }

    @Test func callbacksAreWrittenLikeResults() {
        var writer = WireWriter()
        Callback.call(
            proxy: "p1", method: "run",
            arguments: [.value(.int32(1)), .reference(.list, .object(2)), .null]
        ).write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "c\np1\nrun\ni1\nlo2\nn\ne\n")
        writer.removeAll()
        Callback.release(proxy: "p1").write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "g\np1\ne\n")
        writer.removeAll()
        Callback.authenticate(token: "a\\b").write(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "A\na\\\\b\ne\n")
    }
}
