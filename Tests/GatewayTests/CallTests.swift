import Py4J
import Testing

@testable import Gateway

@Suite struct CallTests {
    @Test func methodsOfAllKinds() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            #expect(try await client.call(.entryPoint, "add", .int32(2)) == .value(.int64(2)))
            #expect(
                try await client.call(.entryPoint, "addLater", .int32(3), .int32(1))
                    == .value(.int64(5)))
            #expect(
                try await client.call(.entryPoint, "addBlocking", .int64(5)) == .value(.int64(10)))
            #expect(try await client.call(.entryPoint, "reset") == .void)
            #expect(try await client.call(.entryPoint, "get") == .value(.int64(0)))
            #expect(
                try await client.call(.staticMembers("test.Counter"), "twice", .int32(4))
                    == .value(.int32(8)))
            #expect(
                try await client.call(.entryPoint, "count", .null, .string("x"), .bool(true))
                    == .value(.int32(3)))
            let other = try await client.construct("test.Counter", .int64(40))
            #expect(
                try await client.call(.entryPoint, "merge", .reference(other))
                    == .value(.int64(40)))
        }
    }

    @Test(arguments: [
        ("pick", [WireValue.int32(1)], "int"), ("pick", [.int64(1)], "long"),
        ("pick", [.double(1)], "double"), ("pick", [.string("x")], "String"),
        ("pick", [.bool(true)], "boolean"), ("pick", [.bytes([1])], "Object"),
        ("pick", [.decimal("1")], "Object"),
        ("pick", [.proxy(id: "p0", interfaces: ["test.Greeter"])], "Greeter"),
        ("pick", [.proxy(id: "p0", interfaces: ["test.Named"])], "Object"),
        ("narrow", [.int32(200)], "byte -56"), ("number", [.int32(7)], "long 7"),
        ("number", [.double(1.5)], "float 1.5"), ("letter", [.string("ab")], "char 97"),
        ("boxed", [.int32(3)], "Long 3"), ("boxed", [.null], "null"),
        ("two", [.int32(1), .string("x")], "int, Object"),
        ("two", [.string("x"), .string("x")], "Object, String"),
    ])
    func picksTheOverload(_ method: String, _ arguments: [WireValue], _ expected: String)
        async throws
    {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let object = try await client.construct("test.Overloaded")
            let reply = try await client.send(
                .call(target: object, method: method, arguments: arguments))
            #expect(reply == .value(.string(expected)))
        }
    }

    @Test func picksTheOverloadForObjects() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let object = try await client.construct("test.Overloaded")
            for (type, expected) in [
                ("java.util.ArrayList", "List"), ("java.util.HashMap", "Object"),
                ("test.Counter", "Counter"),
            ] {
                let argument = try await client.construct(type)
                let reply = try await client.call(object, "pick", .reference(argument))
                #expect(reply == .value(.string(expected)), "a \(type)")
            }
        }
    }

    @Test func fieldsAreReadAndWritten() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let set = { (name: String, value: WireValue) in
                try await client.send(.setField(target: .entryPoint, name: name, value: value))
            }
            let get = { (name: String) in
                try await client.send(.getField(target: .entryPoint, name: name))
            }
            #expect(try await set("value", .int32(9)) == .void)
            #expect(try await get("value") == .value(.int64(9)))
            #expect(try await get("fixed") == .value(.string("fixed")))
            #expect(try await get("LIMIT") == .value(.int32(10)))
            #expect(try await get("nothing") == .noMember)
            #expect(try await set("nothing", .null) == .noMember)
            guard case .failureText(let text) = try await set("value", .string("x")) else {
                Issue.record("a string was put into a long")
                return
            }
            #expect(text.hasPrefix("java.lang.IllegalArgumentException"))
            guard case .failureText = try await set("fixed", .string("x")) else {
                Issue.record("a constant was changed")
                return
            }
        }
    }

    @Test func inheritedMembersAndNestedTypes() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let view = WireValue.reference(.defaultView)
            #expect(
                try await client.send(.resolve(name: "test.Special", view: view))
                    == .type("test.Special"))
            #expect(
                try await client.send(.member(type: "test.Special", name: "twice")) == .method)
            #expect(
                try await client.send(.member(type: "test.Counter", name: "Inner")) == .type(""))
            #expect(
                try await client.send(.member(type: "test.Counter$Inner", name: "DEPTH"))
                    == .value(.int32(1)))
            #expect(
                try await client.send(.staticNames(type: "test.Counter"))
                    == .value(.string("Inner\nLIMIT\ntwice")))
            guard
                case .reference(.object, let red) = try await client.send(
                    .member(type: "test.Color", name: "RED"))
            else {
                Issue.record("no constant")
                return
            }
            #expect(try await client.call(red, "name") == .value(.string("RED")))
            #expect(try await client.call(red, "ordinal") == .value(.int32(0)))
        }
    }

    @Test func streamsAreRawBytes() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            try await client.write(.stream(target: .entryPoint, method: "open", arguments: []))
            #expect(try await client.reply() == .void)
            #expect(try await client.line() == "raw")
            try await client.write(.call(target: .entryPoint, method: "get", arguments: []))
            #expect(try await client.line() == "bytes!yL0")
            guard
                case .failureText = try await client.send(
                    .stream(target: .entryPoint, method: "get", arguments: []))
            else {
                Issue.record("a number is no stream")
                return
            }
        }
    }

    @Test func helpTellsTheSignatures() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            guard
                case .value(.string(let page)) = try await client.send(
                    .helpObject(.entryPoint, pattern: "add*", shortNames: true))
            else {
                Issue.record("no page")
                return
            }
            #expect(page.hasPrefix("Help on class Counter in package test:\n"))
            #expect(page.contains("add(long) : long"))
            #expect(page.contains("addLater(long, long) : long"))
            #expect(!page.contains("merge"))
        }
    }

    @Test func patternsOfHelpPages() {
        #expect(Dispatcher.matches("getName() : int", nil))
        #expect(Dispatcher.matches("getName() : int", "get*"))
        #expect(Dispatcher.matches("getName() : int", "getName(*"))
        #expect(!Dispatcher.matches("getName() : int", "getName"))
        #expect(Dispatcher.matches("abc", "a?c"))
        #expect(Dispatcher.matches("ac", "a?c"))
        #expect(!Dispatcher.matches("abbc", "a?c"))
        // Would take ages if it went back and forth.
        let long = String(repeating: "a", count: 5000)
        #expect(!Dispatcher.matches(long, String(repeating: "a*", count: 200) + "b"))
    }
}
