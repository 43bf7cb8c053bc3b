import Py4J

extension Dispatcher {
    func entry(_ id: ObjectID) -> ObjectTable.Entry? {
        switch id {
        case .object(let number): objects.entry(number)
        case .entryPoint: entryPointEntry
        case .defaultView: defaultViewEntry
        case .server: serverEntry
        case .staticMembers, .unknown: nil
        }
    }

    /// The object, or the error for a name that nothing (or nothing any more) has.
    func require(_ id: ObjectID) throws -> ObjectTable.Entry {
        guard let entry = entry(id) else { throw Self.unknownTarget(id) }
        return entry
    }

    static func unknownTarget(_ id: ObjectID) -> JavaThrowable {
        .gateway("Target Object ID does not exist for this gateway :\(id)")
    }

    /// An argument as registered code gets it.
    @inline(__always)
    func value(_ wire: WireValue) throws -> GatewayValue {
        switch wire {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int32(let value): return .int32(value)
        case .int64(let value): return .int64(value)
        case .double(let value): return .double(value)
        case .decimal(let text): return .decimal(text)
        case .string(let text): return .string(text)
        case .bytes(let content): return .bytes(content)
        case .reference(let id):
            guard let entry = entry(id) else {
                throw JavaThrowable.gateway("Object ID does not exist for this gateway: \(id)")
            }
            return .object(entry.object)
        case .proxy(let id, let interfaces): return .object(try proxy(id, interfaces))
        }
    }

    func values(_ wire: [WireValue]) throws -> [GatewayValue] {
        var values: [GatewayValue] = []
        values.reserveCapacity(wire.count)
        for part in wire { values.append(try value(part)) }
        return values
    }

    /// A Python object that claims to implement these interfaces.
    func proxy(_ id: String, _ interfaces: [String]) throws -> PythonProxy {
        for interface in interfaces {
            guard let type = types.named(interface) else {
                throw JavaThrowable.gateway("Invalid interface name: \(interface)")
            }
            guard type.declared.isInterface else {
                throw JavaThrowable.gateway(
                    "This class \(interface) is not an interface and cannot be used as a "
                        + "Python Proxy.")
            }
        }
        return PythonProxy(id: id, interfaces: interfaces, dispatcher: self)
    }

    /// A result as the client gets it. Objects receive a name.
    @inline(__always)
    func reply(_ value: GatewayValue) -> Reply {
        switch value {
        case .void: .void
        case .null: .null
        case .bool(let value): .value(.bool(value))
        case .char(let unit): .value(.string(String(decoding: [unit], as: UTF16.self)))
        case .int32(let value): .value(.int32(value))
        case .int64(let value): .value(.int64(value))
        case .float(let value): .value(.double(Self.widen(value)))
        case .double(let value): .value(.double(value))
        case .decimal(let text): .value(.decimal(text))
        case .string(let text): .value(.string(text))
        case .bytes(let content): .value(.bytes(content))
        case .object(let object): reference(to: object)
        }
    }

    func reference(to object: any GatewayObject) -> Reply {
        let (id, kind) = objects.add(object)
        return .reference(kind, id)
    }

    /// Has the session's end release what the reply refers to.
    func adopt(_ reply: Reply, by session: Session) {
        guard let id = reply.newReference, !session.adopt(id) else { return }
        drop(id)
    }

    /// Releases a reference that no client has got or will release, and tells the object.
    func drop(_ id: ObjectID) {
        guard case .object(let number) = id, let entry = objects.remove(number) else { return }
        (entry.object as? any SessionBound)?.sessionEnded()
    }

    /// As Java prints a float: 2.2 stays 2.2 instead of 2.200000047….
    private static func widen(_ value: Float) -> Double {
        value.isFinite ? Double(value.description) ?? Double(value) : Double(value)
    }

    func isInstance(_ value: GatewayValue, of name: String) -> Bool? {
        guard types.named(name) != nil || name.hasPrefix("[") else { return nil }
        return !value.isNull && overloads.distance(value, to: name) != nil
    }
}
