import Py4J

extension Dispatcher {
    func list(_ target: ObjectID, _ operation: ListOperation) throws -> Reply {
        let list = try list(target)
        switch operation {
        case .sort:
            try list.sort()
            return .void
        case .reverse:
            try list.mutate { $0.reverse() }
            return .void
        case .max: return reply(try Self.extreme(list.elements, sign: 1))
        case .min: return reply(try Self.extreme(list.elements, sign: -1))
        case .slice(let indices): return reference(to: JavaList(try list.slice(indices)))
        case .concatenate(let other):
            let (first, second) = (list.elements, try self.list(other).elements)
            try NestedObject.checkCount(first.count + second.count)
            return reference(to: JavaList(first + second))
        case .multiply(let count):
            return reference(to: JavaList(try Self.repeated(list.elements, count)))
        case .multiplyInPlace(let count):
            let repeated = try Self.repeated(list.elements, count)
            try list.mutate { $0 = repeated }
            return .void
        case .count(let wire):
            let value = try value(wire)
            return .value(.int32(Int32(clamping: list.elements.count { $0 == value })))
        }
    }

    private func list(_ id: ObjectID) throws -> JavaList {
        let object = try require(id).object
        guard let list = object as? JavaList else {
            throw JavaThrowable.classCast(.object(object), to: "java.util.List")
        }
        return list
    }

    static func extreme(_ values: [GatewayValue], sign: Int) throws -> GatewayValue {
        guard var best = values.first else {
            throw JavaThrowable("java.util.NoSuchElementException")
        }
        for value in values.dropFirst() where try Ordering.compare(value, best) * sign > 0 {
            best = value
        }
        return best
    }

    private static func repeated(_ values: [GatewayValue], _ count: Int) throws -> [GatewayValue] {
        guard count > 0 else { return [] }
        // A client must not reserve memory with a number.
        let (total, overflow) = values.count.multipliedReportingOverflow(by: count)
        try NestedObject.checkCount(overflow ? .max : total)
        var result: [GatewayValue] = []
        result.reserveCapacity(total)
        for _ in 0..<count { result.append(contentsOf: values) }
        return result
    }

    // MARK: - Arrays

    func createArray(_ typeName: String, _ dimensions: [Int]) throws -> Reply {
        guard ParameterType.primitive(typeName) != nil || types.named(typeName) != nil else {
            throw Self.classNotFound(typeName)
        }
        return reply(try JavaArray.make(element: typeName, dimensions: dimensions))
    }

    func array(_ target: ObjectID, _ operation: ArrayOperation) throws -> Reply {
        let object = try require(target).object
        guard let array = object as? JavaArray else {
            throw JavaThrowable.illegalArgument("Argument is not an array")
        }
        switch operation {
        case .length: return .value(.int32(Int32(clamping: array.count)))
        case .get(let index): return reply(try array.element(at: index))
        case .set(let index, let wire):
            try array.set(convert(try value(wire), to: array.elementType), at: index)
            return .void
        case .slice(let indices):
            let elements = try indices.map { try array.element(at: $0) }
            return reference(to: JavaArray(element: array.elementName, elements))
        }
    }

    /// An element as the array holds it.
    private func convert(_ value: GatewayValue, to type: ParameterType) throws -> GatewayValue {
        guard overloads.cost(of: value, as: type) != nil else {
            throw JavaThrowable.gateway(
                "Cannot convert \(value.javaClassName ?? "null") to \(type)")
        }
        switch type {
        case .long: return .int64(try Int64.fromGateway(value))
        case .short: return .int32(Int32(try Int16.fromGateway(value)))
        case .byte: return .int32(Int32(try Int8.fromGateway(value)))
        case .float: return .float(try Float.fromGateway(value))
        case .char: return try JavaChar.fromGateway(value).gatewayValue
        default: return value
        }
    }
}
