extension Command {
    /// Understands a frame that ``FrameScanner`` has found complete.
    /// - Throws: ``WireError`` for a wrong value or sub-command. The frame has been consumed, so
    ///   the connection remains usable.
    public static func parse(_ frame: Frame) throws(WireError) -> Command {
        let head = frame.line(0)
        guard let name = head.first else { return .blank }
        switch name {
        case Wire.Name.call:
            return .call(
                target: ObjectID.parse(frame.line(1)), method: frame.text(2),
                arguments: try frame.arguments(from: 3))
        case Wire.returnMessage:
            return .answer(try Reply.parse(head))
        case Wire.Name.constructor:
            return .construct(type: frame.text(1), arguments: try frame.arguments(from: 2))
        case Wire.Name.memory: return try memory(frame)
        case Wire.Name.field: return try field(frame)
        case Wire.Name.reflection: return try reflection(frame)
        case Wire.Name.list: return try list(frame)
        case Wire.Name.array: return try array(frame)
        case Wire.Name.view: return try view(frame)
        case Wire.Name.dir: return try dir(frame)
        case Wire.Name.help: return try help(frame)
        case Wire.Name.exception: return .stackTrace(try frame.argument(1))
        case Wire.Name.stream:
            return .stream(
                target: ObjectID.parse(frame.line(1)), method: frame.text(2),
                arguments: try frame.arguments(from: 3))
        case Wire.Name.authenticate: return .authenticate(token: Escaping.unescape(frame.line(1)))
        case Wire.Name.cancel:
            guard let remote = Digits.unsigned(frame.line(2), from: 0),
                let local = Digits.unsigned(frame.line(3), from: 0),
                remote <= 65535, local <= 65535
            else { throw WireError(.number, "The ports of a cancel command are no port numbers.") }
            return .cancel(
                address: frame.text(1), remotePort: Int(remote), localPort: Int(local))
        case Wire.Name.shutdown: return .shutdown
        case Wire.Name.quit: return .quit
        default:
            throw WireError(.unknownCommand, "Unknown command received: \(WireError.excerpt(head))")
        }
    }

    private static func subcommand(_ frame: Frame) -> UInt8 {
        frame.line(1).first ?? UInt8(ascii: " ")
    }

    private static func unknown(_ kind: String, _ frame: Frame) -> WireError {
        WireError(
            .unknownCommand, "Unknown \(kind) SubCommand Name: \(WireError.excerpt(frame.line(1)))")
    }

    private static func integers(_ frame: Frame, from first: Int) throws(WireError) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(max(frame.lineCount - 1 - first, 0))
        for index in first..<max(first, frame.lineCount - 1) {
            result.append(try frame.integer(index))
        }
        return result
    }

    private static func memory(_ frame: Frame) throws(WireError) -> Command {
        let id = ObjectID.parse(frame.line(2))
        switch subcommand(frame) {
        case UInt8(ascii: "d"): return .deleteObject(id)
        case UInt8(ascii: "a"): return .attachObject(id)
        default: throw unknown("Memory", frame)
        }
    }

    private static func field(_ frame: Frame) throws(WireError) -> Command {
        let target = ObjectID.parse(frame.line(2))
        switch subcommand(frame) {
        case UInt8(ascii: "g"): return .getField(target: target, name: frame.text(3))
        case UInt8(ascii: "s"):
            return .setField(target: target, name: frame.text(3), value: try frame.argument(4))
        default: throw unknown("Field", frame)
        }
    }

    private static func reflection(_ frame: Frame) throws(WireError) -> Command {
        switch subcommand(frame) {
        case UInt8(ascii: "u"):
            return .resolve(name: frame.text(2), view: try WireValue.parse(frame.line(3)))
        case UInt8(ascii: "m"): return .member(type: frame.text(2), name: frame.text(3))
        case UInt8(ascii: "c"): return .classObject(type: frame.text(2))
        default: throw unknown("Reflection", frame)
        }
    }

    private static func list(_ frame: Frame) throws(WireError) -> Command {
        let operation: ListOperation
        switch subcommand(frame) {
        case UInt8(ascii: "s"): operation = .sort
        case UInt8(ascii: "r"): operation = .reverse
        case UInt8(ascii: "x"): operation = .max
        case UInt8(ascii: "n"): operation = .min
        case UInt8(ascii: "l"): operation = .slice(try integers(frame, from: 3))
        case UInt8(ascii: "a"): operation = .concatenate(ObjectID.parse(frame.line(3)))
        case UInt8(ascii: "m"): operation = .multiply(try frame.integer(3))
        case UInt8(ascii: "i"): operation = .multiplyInPlace(try frame.integer(3))
        case UInt8(ascii: "f"): operation = .count(try frame.argument(3))
        default: throw unknown("List", frame)
        }
        return .list(target: ObjectID.parse(frame.line(2)), operation: operation)
    }

    private static func array(_ frame: Frame) throws(WireError) -> Command {
        let operation: ArrayOperation
        switch subcommand(frame) {
        case UInt8(ascii: "g"): operation = .get(try frame.integer(3))
        case UInt8(ascii: "s"): operation = .set(try frame.integer(3), try frame.argument(4))
        case UInt8(ascii: "l"): operation = .slice(try integers(frame, from: 3))
        case UInt8(ascii: "e"): operation = .length
        case UInt8(ascii: "c"):
            guard case .string(let type) = try frame.argument(2) else {
                throw WireError(.value, "The element type of an array is a name.")
            }
            return .createArray(type: type, dimensions: try integers(frame, from: 3))
        default: throw unknown("Array", frame)
        }
        return .array(target: ObjectID.parse(frame.line(2)), operation: operation)
    }

    private static func view(_ frame: Frame) throws(WireError) -> Command {
        if subcommand(frame) == UInt8(ascii: "c") {
            guard case .string(let name) = try frame.argument(2) else {
                return .createView(name: "")
            }
            return .createView(name: name)
        }
        let view = try WireValue.parse(frame.line(2))
        let name = Escaping.unescape(frame.line(3))
        switch subcommand(frame) {
        case UInt8(ascii: "i"): return .importName(view: view, name: name)
        case UInt8(ascii: "r"): return .removeImport(view: view, name: name)
        case UInt8(ascii: "s"): return .searchView(view: view, name: name)
        default: throw unknown("JVM View", frame)
        }
    }

    private static func dir(_ frame: Frame) throws(WireError) -> Command {
        switch subcommand(frame) {
        case UInt8(ascii: "f"): return .fieldNames(ObjectID.parse(frame.line(2)))
        case UInt8(ascii: "m"): return .methodNames(ObjectID.parse(frame.line(2)))
        case UInt8(ascii: "s"): return .staticNames(type: frame.text(2))
        case UInt8(ascii: "v"):
            let since: String? =
                if case .string(let text) = try frame.argument(3) { text } else { nil }
            return .viewNames(view: try WireValue.parse(frame.line(2)), since: since)
        default: throw unknown("Dir", frame)
        }
    }

    private static func help(_ frame: Frame) throws(WireError) -> Command {
        let pattern: String? =
            if case .string(let text) = try frame.argument(3) { text } else { nil }
        let shortNames = try frame.argument(4) == .bool(true)
        switch subcommand(frame) {
        case UInt8(ascii: "o"):
            return .helpObject(
                ObjectID.parse(frame.line(2)), pattern: pattern, shortNames: shortNames)
        case UInt8(ascii: "c"):
            return .helpClass(frame.text(2), pattern: pattern, shortNames: shortNames)
        default: throw unknown("Help", frame)
        }
    }
}
