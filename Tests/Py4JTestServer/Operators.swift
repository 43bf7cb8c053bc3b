import Gateway

struct Operator: PythonInterface {
    static let gatewayName = "py4j.examples.Operator"
    let proxy: PythonProxy

    func doOperation(_ numbers: [Int32]) async throws -> Int32 {
        try await proxy.call(
            "doOperation", numbers.map { .int32($0) }, returning: Int32.self)
    }
}

struct BytesOperator: PythonInterface {
    static let gatewayName = "py4j.examples.BytesOperator"
    let proxy: PythonProxy
}

/// Calls Python with random numbers.
final class OperatorExample: GatewayObject {
    static let gatewayName = "py4j.examples.OperatorExample"

    static func random(_ operation: Operator, count: Int) async throws -> JavaList {
        var numbers = (0..<count).map { _ in Int32.random(in: 0..<1000) }
        numbers.append(try await operation.doOperation(numbers))
        return JavaList(numbers.map { .int32($0) })
    }

    static let registration = TypeRegistration<OperatorExample>()
        .constructor { OperatorExample() }
        .asyncConstructor(Operator.self) { operation in
            _ = try await random(operation, count: 2)
            return OperatorExample()
        }
        .asyncMethod("randomBinaryOperator", Operator.self) { _, operation in
            try await random(operation, count: 2)
        }
        .asyncMethod("randomTernaryOperator", Operator.self) { _, operation in
            try await random(operation, count: 3)
        }
        .asyncMethod("callBytesOperator", BytesOperator.self) { _, operation in
            try await operation.proxy.call(
                "returnBytes", [.bytes([1, 2, 3, 4, 5])], returning: [UInt8].self)
        }
        .method("launchOperator", Operator.self, Int64.self) { _, operation, milliseconds in
            let thread = GatewayThread()
            Task.detached {
                try await thread.run {
                    _ = try await random(operation, count: 2)
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    _ = try await random(operation, count: 2)
                }
            }
        }
}
