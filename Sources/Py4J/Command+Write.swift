extension Command {
    /// Appends the command as a client sends it, its last line break included.
    public func write(to writer: inout WireWriter) {
        switch self {
        case .call(let target, let method, let arguments):
            Self.call(Wire.Name.call, target, method, arguments, &writer)
        case .stream(let target, let method, let arguments):
            Self.call(Wire.Name.stream, target, method, arguments, &writer)
        case .construct(let type, let arguments):
            Self.lines("i", [type], arguments, &writer)
        case .getField(let target, let name):
            Self.lines("f\ng", [target.description, name], [], &writer)
        case .setField(let target, let name, let value):
            Self.lines("f\ns", [target.description, name], [value], &writer)
        case .list(let target, let operation): Self.list(target, operation, &writer)
        case .array(let target, let operation): Self.array(target, operation, &writer)
        case .createArray(let type, let dimensions):
            Self.lines(
                "a\nc", [], [.string(type)] + dimensions.map { .int32(Int32(clamping: $0)) },
                &writer)
        case .resolve(let name, let view):
            Self.lines("r\nu", [name, Self.part(view)], [], &writer)
        case .member(let type, let name): Self.lines("r\nm", [type, name], [], &writer)
        case .classObject(let type): Self.lines("r\nc", [type], [], &writer)
        case .deleteObject(let id): Self.lines("m\nd", [id.description], [], &writer)
        case .attachObject(let id): Self.lines("m\na", [id.description], [], &writer)
        case .helpObject(let id, let pattern, let shortNames):
            Self.lines(
                "h\no", [id.description],
                [pattern.map { .string($0) } ?? .null, .bool(shortNames)], &writer)
        case .helpClass(let name, let pattern, let shortNames):
            Self.lines(
                "h\nc", [name], [pattern.map { .string($0) } ?? .null, .bool(shortNames)], &writer)
        case .createView(let name): Self.lines("j\nc", [], [.string(name)], &writer)
        case .importName(let view, let name):
            Self.lines("j\ni", [Self.part(view), Escaping.escape(name)], [], &writer)
        case .removeImport(let view, let name):
            Self.lines("j\nr", [Self.part(view), Escaping.escape(name)], [], &writer)
        case .searchView(let view, let name):
            Self.lines("j\ns", [Self.part(view), Escaping.escape(name)], [], &writer)
        case .stackTrace(let exception): Self.lines("p", [], [exception], &writer)
        case .fieldNames(let id): Self.lines("d\nf", [id.description], [], &writer)
        case .methodNames(let id): Self.lines("d\nm", [id.description], [], &writer)
        case .staticNames(let type): Self.lines("d\ns", [type], [], &writer)
        case .viewNames(let view, let since):
            Self.lines("d\nv", [Self.part(view)], [since.map { .string($0) } ?? .null], &writer)
        case .shutdown: writer.raw("s\n")
        case .quit: writer.raw("q\n")
        case .authenticate(let token):
            writer.raw("A\n")
            writer.escaped(token)
            writer.newline()
        case .cancel(let address, let remotePort, let localPort):
            writer.raw("z\n\(address)\n\(remotePort)\n\(localPort)\n")
        case .answer(let reply): reply.write(to: &writer)
        case .blank: writer.newline()
        }
    }

    private static func call(
        _ name: UInt8, _ target: ObjectID, _ method: String, _ arguments: [WireValue],
        _ writer: inout WireWriter
    ) {
        writer.byte(name)
        writer.newline()
        writer.identifier(target)
        writer.newline()
        lines(method, [], arguments, &writer)
    }

    private static func lines(
        _ head: String, _ names: [String], _ arguments: [WireValue], _ writer: inout WireWriter
    ) {
        writer.raw(head)
        writer.newline()
        for name in names {
            writer.raw(name)
            writer.newline()
        }
        for argument in arguments {
            argument.write(to: &writer)
            writer.newline()
        }
        writer.byte(Wire.end)
        writer.newline()
    }

    private static func part(_ value: WireValue) -> String {
        var writer = WireWriter()
        value.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func integers(_ values: [Int]) -> [WireValue] {
        values.map { .int32(Int32(clamping: $0)) }
    }

    private static func list(
        _ target: ObjectID, _ operation: ListOperation, _ writer: inout WireWriter
    ) {
        let id = target.description
        switch operation {
        case .sort: lines("l\ns", [id], [], &writer)
        case .reverse: lines("l\nr", [id], [], &writer)
        case .max: lines("l\nx", [id], [], &writer)
        case .min: lines("l\nn", [id], [], &writer)
        case .slice(let indices): lines("l\nl", [id], integers(indices), &writer)
        case .concatenate(let other): lines("l\na", [id, other.description], [], &writer)
        case .multiply(let count): lines("l\nm", [id], integers([count]), &writer)
        case .multiplyInPlace(let count): lines("l\ni", [id], integers([count]), &writer)
        case .count(let value): lines("l\nf", [id], [value], &writer)
        }
    }

    private static func array(
        _ target: ObjectID, _ operation: ArrayOperation, _ writer: inout WireWriter
    ) {
        let id = target.description
        switch operation {
        case .get(let index): lines("a\ng", [id], integers([index]), &writer)
        case .set(let index, let value): lines("a\ns", [id], integers([index]) + [value], &writer)
        case .slice(let indices): lines("a\nl", [id], integers(indices), &writer)
        case .length: lines("a\ne", [id], [], &writer)
        }
    }
}
