/// Chooses among methods of one name the way Py4J's `MethodInvoker` does: each parameter that does
/// not take its argument as it is costs something, and the cheapest method wins.
struct Overloads {
    let types: TypeTable

    /// More than any real distance; null prefers the parameter deepest in the class hierarchy.
    private static let maximumDistance = 100_000_000
    private static let distanceFactor = 100

    /// - Returns: nil if none of the candidates accepts the arguments.
    func choose(_ candidates: [Executable], for arguments: [GatewayValue]) -> Executable? {
        var best: Executable?
        var lowest = Int.max
        for candidate in candidates {
            guard let parameters = candidate.parameters, parameters.count == arguments.count,
                let cost = cost(parameters, arguments)
            else { continue }
            if cost == 0 { return candidate }
            if cost < lowest {
                lowest = cost
                best = candidate
            }
        }
        return best ?? candidates.first { $0.parameters == nil }
    }

    private func cost(_ parameters: [ParameterType], _ arguments: [GatewayValue]) -> Int? {
        var total = 0
        for index in 0..<arguments.count {
            guard let cost = cost(of: arguments[index], as: parameters[index]) else { return nil }
            total += cost
        }
        return total
    }

    /// - Returns: nil if a parameter of this type does not accept the argument.
    func cost(of argument: GatewayValue, as parameter: ParameterType) -> Int? {
        if argument.isNull {
            guard case .reference(let name) = parameter else { return nil }
            let depth = types.named(name).flatMap { type in
                type.declared.isInterface ? nil : type.distances[TypeTable.objectName]
            }
            return Self.maximumDistance - (depth.map { $0 * Self.distanceFactor } ?? -1)
        }
        if case .reference(let name) = parameter, let distance = distance(argument, to: name) {
            return distance * Self.distanceFactor
        }
        return conversion(of: argument, to: parameter)
    }

    /// How far above the argument's class the parameter's class is; nil if it is not above it.
    func distance(_ argument: GatewayValue, to name: String) -> Int? {
        if argument.javaClassName == name { return 0 }
        if case .object(let object) = argument {
            if let proxy = object as? PythonProxy { return distance(proxy, to: name) }
            if let array = object as? JavaArray { return array.distance(to: name, types) }
            return types.type(of: object).distances[name]
        }
        guard let className = argument.javaClassName else { return nil }
        if case .bytes = argument { return name == TypeTable.objectName ? 1 : nil }
        return types.named(className)?.distances[name]
            ?? (name == TypeTable.objectName ? 1 : nil)
    }

    private func distance(_ proxy: PythonProxy, to name: String) -> Int? {
        if name == TypeTable.objectName { return 2 }
        return proxy.interfaces.lazy.compactMap { interface in
            interface == name ? 1 : types.named(interface)?.distances[name].map { $0 + 1 }
        }.min()
    }

    /// The conversions between numbers, characters and booleans that Py4J knows.
    private func conversion(of argument: GatewayValue, to parameter: ParameterType) -> Int? {
        switch (Self.unboxed(parameter), argument) {
        case (.boolean, .bool): 0
        case (.long, .int64): 0
        case (.long, .int32): 1
        case (.int, .int32): 0
        case (.short, .int32): 1
        case (.byte, .int32): 2
        case (.double, .double): 0
        case (.double, .float): 1
        case (.float, .float): 0
        case (.float, .double): 1
        case (.char, .char): 0
        case (.char, .string): 1
        default: nil
        }
    }

    private static func unboxed(_ parameter: ParameterType) -> ParameterType {
        guard case .reference(let name) = parameter else { return parameter }
        return boxes[name] ?? parameter
    }

    private static let boxes: [String: ParameterType] = [
        "java.lang.Boolean": .boolean, "java.lang.Byte": .byte, "java.lang.Short": .short,
        "java.lang.Integer": .int, "java.lang.Long": .long, "java.lang.Float": .float,
        "java.lang.Double": .double, "java.lang.Character": .char,
    ]
}
