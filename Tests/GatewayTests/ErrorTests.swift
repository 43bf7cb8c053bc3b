import Py4J
import Testing

@testable import Gateway

@Suite struct ErrorTests {
    private func thrown(_ reply: Reply) throws -> ObjectID {
        guard case .failureValue(.reference(let id)) = reply else {
            throw TestClient.Unexpected(reply: reply)
        }
        return id
    }

    @Test(arguments: ["fail", "failLater"])
    func swiftErrorsBecomeExceptions(_ method: String) async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let error = try thrown(try await client.call(.entryPoint, method))
            #expect(
                try await client.call(error, "getMessage") == .value(.string("no such column")))
            guard case .reference(.object, let type) = try await client.call(error, "getClass")
            else {
                Issue.record("no class")
                return
            }
            #expect(
                try await client.call(type, "getName")
                    == .value(.string("test.ValidationException")))
            guard case .reference(.object, let cause) = try await client.call(error, "getCause")
            else {
                Issue.record("no cause")
                return
            }
            #expect(try await client.call(cause, "getMessage") == .value(.string("the reason")))
            #expect(
                try await client.call(error, "toString")
                    == .value(.string("test.ValidationException: no such column")))
            #expect(
                try await client.send(.stackTrace(.reference(error)))
                    == .value(
                        .string(
                            "test.ValidationException: no such column\n\tat job.py:12\n"
                                + "Caused by: java.lang.RuntimeException: the reason\n")))
            guard
                case .reference(.array, let frames) = try await client.call(
                    error, "getStackTrace")
            else {
                Issue.record("no frames")
                return
            }
            #expect(
                try await client.send(.array(target: frames, operation: .length))
                    == .value(.int32(1)))
        }
    }

    @Test func anyErrorIsARuntimeException() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let error = try thrown(try await client.call(.entryPoint, "failPlainly"))
            #expect(
                try await client.call(error, "toString")
                    == .value(.string("java.lang.RuntimeException: CancellationError()")))
        }
    }

    @Test func aMissingMethodNamesWhatThereIs() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            guard
                case .failureText(let text) = try await client.call(
                    .entryPoint, "add", .string("x"))
            else {
                Issue.record("there is no add(String)")
                return
            }
            #expect(text.hasPrefix("py4j.Py4JException: Method add([class java.lang.String]) "))
            #expect(text.contains("add(long)"))
        }
    }

    @Test func exceptionsCanBeMadeAndKeepTheirClass() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            let inner = try await client.construct("java.io.IOException", .string("disk"))
            let outer = try await client.construct(
                "test.ValidationException", .string("outer"), .reference(inner))
            let isInstance = { (id: ObjectID, name: String) in
                try await client.call(
                    .staticMembers("py4j.reflection.TypeUtil"), "isInstanceOf", .string(name),
                    .reference(id))
            }
            #expect(try await isInstance(inner, "java.lang.Exception") == .value(.bool(true)))
            #expect(
                try await isInstance(inner, "java.lang.RuntimeException") == .value(.bool(false)))
            #expect(
                try await isInstance(outer, "java.lang.RuntimeException") == .value(.bool(true)))
        }
    }

    @Test func unknownReferencesAreErrors() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(server.port)
            for command in [
                Command.call(
                    target: .entryPoint, method: "merge", arguments: [.reference(.object(77))]),
                .getField(target: .object(77), name: "x"),
                .list(target: .object(77), operation: .sort),
                .array(target: .entryPoint, operation: .length),
                .stackTrace(.reference(.entryPoint)), .methodNames(.object(77)),
                .helpObject(.object(77), pattern: nil, shortNames: true),
                .resolve(name: "x", view: .reference(.object(77))),
                .call(
                    target: .entryPoint, method: "greet",
                    arguments: [.proxy(id: "p0", interfaces: ["no.such.Interface"])]),
                .call(
                    target: .entryPoint, method: "greet",
                    arguments: [.proxy(id: "p0", interfaces: ["test.Counter"])]),
            ] {
                guard case .failureText = try await client.send(command) else {
                    Issue.record("\(command) was no error")
                    continue
                }
            }
        }
    }
}
