import Py4J

extension Dispatcher {
    /// The JVM view that a command names.
    func view(_ wire: WireValue) throws -> JVMView {
        guard case .object(let object) = try value(wire), let view = object as? JVMView else {
            throw JavaThrowable.gateway("This is no JVM view.")
        }
        return view
    }

    /// What is not a class may be a package: its classes decide.
    func resolve(_ name: String, _ view: WireValue) throws -> Reply {
        guard let full = try self.view(view).resolve(name, types) else { return .package }
        return .type(full)
    }

    /// A static field's value, or what else the member is.
    func member(_ typeName: String, _ name: String) throws -> Reply {
        guard let type = types.named(typeName) else { return .failure }
        if let field = type.fields[name], field.isStatic { return reply(try field.get(nil)) }
        if let overloads = type.methods[name] {
            // As in Py4J, a static overload makes the name usable.
            if overloads.contains(where: \.isStatic) { return .method }
            return .failureText("Trying to access a non-static member from a static context.")
        }
        return types.named("\(typeName)$\(name)") != nil ? .type("") : .failure
    }

    func classObject(_ name: String) -> Reply {
        guard ParameterType.primitive(name) != nil || types.named(name) != nil else {
            return .failureText("The class \(name) does not exist.")
        }
        return reference(to: JavaClass(name, types))
    }

    func stackTrace(_ exception: WireValue) throws -> Reply {
        guard case .object(let object) = try value(exception),
            let throwable = object as? JavaThrowable
        else { throw JavaThrowable.gateway("This is no exception.") }
        return .value(.string(throwable.stackTrace))
    }

    // MARK: - Fields

    func getField(_ target: ObjectID, _ name: String) throws -> Reply {
        let entry = try require(target)
        guard let field = entry.type.fields[name] else { return .noMember }
        return reply(try field.get(field.isStatic ? nil : entry.object))
    }

    func setField(_ target: ObjectID, _ name: String, _ wire: WireValue) throws -> Reply {
        let value = try value(wire)
        let entry = try require(target)
        guard let field = entry.type.fields[name] else { return .noMember }
        guard let set = field.set else {
            throw JavaThrowable(
                "java.lang.IllegalAccessException",
                "Can not set final field \(entry.type.name).\(name)")
        }
        guard overloads.cost(of: value, as: field.type) != nil else {
            throw JavaThrowable.illegalArgument(
                "Can not set \(field.type) field \(entry.type.name).\(name) to "
                    + (value.javaClassName ?? "null value"))
        }
        try set(field.isStatic ? nil : entry.object, value)
        return .void
    }

    // MARK: - Dir

    func fieldNames(_ id: ObjectID) throws -> Reply {
        lines(try require(id).type.fields.keys.sorted())
    }

    func methodNames(_ id: ObjectID) throws -> Reply {
        lines(try require(id).type.methods.keys.sorted())
    }

    func staticNames(_ name: String) throws -> Reply {
        guard let type = types.named(name) else { throw Self.classNotFound(name) }
        var names = Set(type.fields.values.filter(\.isStatic).map(\.name))
        for (name, overloads) in type.methods where overloads.contains(where: \.isStatic) {
            names.insert(name)
        }
        names.formUnion(types.nestedNames(of: name))
        return lines(names.sorted())
    }

    func viewNames(_ wire: WireValue, _ since: String?) throws -> Reply {
        let (sequence, names) = try view(wire).imported
        if let since, Int(since) == sequence { return .null }
        return lines([String(sequence)] + names)
    }

    private func lines(_ names: [String]) -> Reply {
        .value(.string(names.joined(separator: "\n")))
    }
}
