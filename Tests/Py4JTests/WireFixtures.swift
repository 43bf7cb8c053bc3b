@testable import Py4J

/// One of each value that can travel.
enum WireFixtures {
    static let values: [WireValue] = [
        .null, .bool(true), .bool(false), .int32(0), .int32(.min), .int32(.max), .int64(.min),
        .int64(.max), .double(0), .double(-0.0), .double(1.5), .double(.infinity),
        .double(-.infinity), .double(.leastNonzeroMagnitude), .double(1.7976931348623157e308),
        .double(0.1),
        .decimal("1.50"), .decimal("0.0000001"), .string(""), .string("a\nb\r\\c\t"),
        .string("é😀\u{0}"), .string("\\\\n"), .bytes([]), .bytes([0]), .bytes([0, 255]),
        .bytes(Array(0...255)), .reference(.object(12)), .reference(.entryPoint),
        .reference(.defaultView), .reference(.server), .reference(.unknown("zz")),
        .proxy(id: "p0", interfaces: ["a.B", "c.D$E"]),
    ]

    /// One of each command, with arguments of all kinds and names that look like the end marker.
    static let commands: [Command] = [
        .call(target: .entryPoint, method: "run", arguments: []),
        .call(target: .object(7), method: "run", arguments: values),
        .call(target: .staticMembers("java.lang.Math"), method: "e", arguments: [.int32(1)]),
        .call(target: .unknown("e"), method: "e", arguments: [.string("e")]),
        .stream(target: .server, method: "open", arguments: [.bool(true)]),
        .construct(type: "java.util.ArrayList", arguments: []),
        .construct(type: "e", arguments: [.null]),
        .getField(target: .object(1), name: "field"),
        .getField(target: .object(1), name: "e"),
        .setField(target: .object(1), name: "field", value: .int32(4)),
        .list(target: .object(1), operation: .sort), .list(target: .object(1), operation: .reverse),
        .list(target: .object(1), operation: .max), .list(target: .object(1), operation: .min),
        .list(target: .object(1), operation: .slice([0, 2, 4])),
        .list(target: .object(1), operation: .slice([])),
        .list(target: .object(1), operation: .concatenate(.object(2))),
        .list(target: .object(1), operation: .multiply(3)),
        .list(target: .object(1), operation: .multiplyInPlace(-1)),
        .list(target: .object(1), operation: .count(.string("x"))),
        .array(target: .object(1), operation: .get(2)),
        .array(target: .object(1), operation: .set(2, .double(0.5))),
        .array(target: .object(1), operation: .slice([1])),
        .array(target: .object(1), operation: .length),
        .createArray(type: "int", dimensions: [2, 3]),
        .resolve(name: "java.util", view: .reference(.defaultView)),
        .member(type: "java.lang.Integer", name: "MAX_VALUE"), .classObject(type: "int"),
        .deleteObject(.object(5)), .attachObject(.object(5)),
        .helpObject(.object(1), pattern: nil, shortNames: true),
        .helpClass("a.B", pattern: "m*", shortNames: false),
        .createView(name: "mine"), .importName(view: .reference(.object(3)), name: "java.util.*"),
        .removeImport(view: .reference(.defaultView), name: "a.B"),
        .searchView(view: .reference(.defaultView), name: "B"),
        .stackTrace(.reference(.object(9))), .fieldNames(.object(1)), .methodNames(.object(1)),
        .staticNames(type: "a.B"), .viewNames(view: .reference(.defaultView), since: nil),
        .viewNames(view: .reference(.defaultView), since: "4"),
        .shutdown, .quit, .authenticate(token: "se\ncret"),
        .cancel(address: "127.0.0.1", remotePort: 1, localPort: 65535),
        .answer(.value(.string("x\ny"))), .answer(.failureText("oh")), .blank,
    ]

    static func bytes(_ command: Command) -> [UInt8] {
        var writer = WireWriter()
        command.write(to: &writer)
        return writer.bytes
    }

    /// Scans and parses one frame that is all there.
    static func parse(
        _ bytes: [UInt8], limits: FrameLimits = .default
    ) throws -> Command? {
        var scanner = FrameScanner()
        return try bytes.withUnsafeBytes { buffer in
            guard case .complete(let length) = try scanner.scan(buffer, limits: limits) else {
                return nil
            }
            let frame = Frame(
                bytes: UnsafeRawBufferPointer(rebasing: buffer[..<length]),
                lineEnds: scanner.lineEnds)
            return try Command.parse(frame)
        }
    }

    static func parse(_ text: String) throws -> Command? { try parse(Array(text.utf8)) }

    static func value(_ text: String) throws -> WireValue {
        try Array(text.utf8).withUnsafeBytes { buffer in
            try WireValue.parse(buffer)
        }
    }
}
