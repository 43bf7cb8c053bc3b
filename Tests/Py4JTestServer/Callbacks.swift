import Gateway

struct IPing: PythonInterface {
    static let gatewayName = "py4j.examples.IPing"
    let proxy: PythonProxy

    func ping(_ number: Int, _ pong: PingPong) async throws -> Int32 {
        try await proxy.call("ping\(number)", [.object(pong)], returning: Int32.self)
    }
}

/// Calls that nest several times between the two sides.
final class PingPong: GatewayObject {
    static let gatewayName = "py4j.examples.PingPong"

    private let fails: Bool

    init(fails: Bool) { self.fails = fails }

    static let registration = TypeRegistration<PingPong>(extends: ["py4j.examples.IPong"])
        .constructor { PingPong(fails: false) }
        .constructor(Bool.self) { PingPong(fails: $0) }
        .asyncMethod("start", IPing.self) { try await $1.ping(1, $0) }
        .asyncMethod("pong1", IPing.self) { try await $1.ping(2, $0) }
        .asyncMethod("pong2", IPing.self) { try await $1.ping(3, $0) }
        .method("pong3", IPing.self) { pong, _ in
            if pong.fails { throw JavaThrowable("java.lang.ArithmeticException", "/ by zero") }
            return Int32(2)
        }
}

struct IReturnConverter: PythonInterface {
    static let gatewayName = "py4j.examples.IReturnConverter"
    let proxy: PythonProxy
}

/// Converts what Python returns to narrower types.
final class ReturnerExample: GatewayObject {
    static let gatewayName = "py4j.examples.ReturnerExample"

    static let registration = TypeRegistration<ReturnerExample>()
        .constructor { ReturnerExample() }
        .asyncMethod("computeFloat", IReturnConverter.self) {
            try await $1.proxy.call("getFloat", returning: Float.self)
        }
        .asyncMethod("computeChar", IReturnConverter.self) {
            try await $1.proxy.call("getChar", returning: JavaChar.self)
        }
        .asyncMethod("computeInt", IReturnConverter.self) {
            try await $1.proxy.call("getInt", returning: Int32.self)
        }
        .asyncMethod("computeNothing", IReturnConverter.self) {
            _ = try await $1.proxy.call("doNothing")
            return Int32(1)
        }
        .asyncMethod("computeNull", IReturnConverter.self) {
            try await $1.proxy.call("getNull", returning: String?.self)
        }
}

struct InterfaceB: PythonInterface {
    static let gatewayName = "py4j.examples.InterfaceB"
    let proxy: PythonProxy
}

/// A Python object that returns another Python object.
final class InterfaceExample: GatewayObject {
    static let gatewayName = "py4j.examples.InterfaceExample"

    static let registration = TypeRegistration<InterfaceExample>()
        .asyncMethod("test", InterfaceB.self) { _, b in
            let a = try await b.proxy.call("getA")
            print(a.javaClassName ?? "null")
        }
}
