import Gateway
import Synchronization

final class ExampleEntryPoint: GatewayObject {
    static let gatewayName = "py4j.examples.ExampleEntryPoint"

    static let registration = TypeRegistration<ExampleEntryPoint>()
        .method("getNewExample") { _ in ExampleClass() }
        .method("getList", Int32.self) { _, count in ExampleClass.list(count) }
}

struct IHello: PythonInterface {
    static let gatewayName = "py4j.examples.IHello"
    let proxy: PythonProxy

    func sayHello() async throws -> String {
        try await proxy.call("sayHello", returning: String.self)
    }

    func sayHello(_ number: Int32, _ text: String) async throws -> String {
        try await proxy.call("sayHello", [.int32(number), .string(text)], returning: String.self)
    }
}

/// Overloads, fields, arrays, streams: what most of py4j's tests work with.
final class ExampleClass: GatewayObject {
    static let gatewayName = "py4j.examples.ExampleClass"

    private struct State {
        var field1: Int32 = 2
        var field10: Int32 = 10
        var field11: Int64 = 11
        var field20: GatewayValue
        var field21 = GatewayValue.null
        var sleeps: Int32 = 0
    }

    private let state: Mutex<State>

    init(field1: Int32 = 2) {
        state = Mutex(State(field1: field1, field20: .object(JavaStringBuilder.buffer())))
    }

    static func list(_ count: Int32) -> JavaList {
        JavaList((0..<max(count, 0)).map { .string(String($0)) })
    }

    func sleepFirstTimeOnly(_ milliseconds: Int64) async throws -> Int32 {
        let count = state.withLock { state in
            state.sleeps += 1
            return state.sleeps
        }
        if count == 1 { try await Task.sleep(for: .milliseconds(milliseconds)) }
        return state.withLock { $0.sleeps }
    }

    static let registration = TypeRegistration<ExampleClass>()
        .constructor { ExampleClass() }
        .constructor(Int32.self) { ExampleClass(field1: $0) }
        .method("method1") { _ in Int32(1) }
        .method("method2", String?.self) { _, _ in }
        .method("getList", Int32.self) { _, count in list(count) }
        .method("getInteger", Int32.self) { _, value in Int32?.some(value) }
        .method("method3", Int32.self, Bool.self) { _, _, _ in "Hello World" }
        .method("method4", JavaChar.self) { _, _ in ExampleClass(field1: 1) }
        .method("method4", String?.self) { _, _ in ExampleClass(field1: 3) }
        .method("method5", ExampleClass.self) { _, _ in Int32(2) }
        .method("method6", JavaChar.self) { _, _ in ExampleClass(field1: 4) }
        .method("getField1") { $0.state.withLock { $0.field1 } }
        .method("setField1", Int32.self) { example, value in
            example.state.withLock { $0.field1 = value }
        }
        .method("getStringArray") { _ in
            JavaArray(
                element: "java.lang.String", [.string("222"), .string("111"), .string("333")])
        }
        .method("getIntArray") { _ in
            JavaArray(element: "int", [.int32(2), .int32(5), .int32(1), .int32(10)])
        }
        .asyncMethod("callHello", IHello.self) { _, hello in try await hello.sayHello() }
        .asyncMethod("callHello2", IHello.self) { _, hello in
            try await hello.sayHello(10, "MyMy!\n;")
        }
        .method("method7", Int32.self) { _, _ in Int32(1) }
        .method("method7", String?.self) { _, _ in Int32(2) }
        .method("method7", GatewayValue.self) { _, _ in Int32(3) }
        .method("method7", Int64.self) { _, _ in Int32(4) }
        .method("method8", Int64.self) { _, value in value + 1 }
        .method("method9", Int64?.self) { _, value in value.map { $0 + 1 } }
        .method("method10", Int32.self, Int32.self) { _, digits, scale in
            JavaDecimal("\(digits)E\(-scale)")
        }
        .method("method10", JavaDecimal.self) { _, value in
            JavaDecimal(DecimalMath.add(value.text, "1"))
        }
        .method("method11", GatewayValue.self) { _, value in value }
        .staticMethod("static_method") { Int32(0) }
        .method("getStream") { _ in
            JavaByteChannel(Array("Lorem ipsum dolor sit amet, consectetur adipiscing elit.".utf8))
        }
        .method("getBrokenStream") { _ -> JavaByteChannel in
            throw JavaThrowable(
                "java.io.NotSerializableException", "...or some other expected failure")
        }
        .asyncMethod("sleepFirstTimeOnly", Int64.self) { example, milliseconds in
            try await example.sleepFirstTimeOnly(milliseconds)
        }
        .field("field10", get: { $0.state.withLock { $0.field10 } }) { example, value in
            example.state.withLock { $0.field10 = value }
        }
        .field("field11", get: { $0.state.withLock { $0.field11 } }) { example, value in
            example.state.withLock { $0.field11 = value }
        }
        .field("field20", get: { $0.state.withLock { $0.field20 } }) { example, value in
            example.state.withLock { $0.field20 = value }
        }
        .field("field21", get: { $0.state.withLock { $0.field21 } }) { example, value in
            example.state.withLock { $0.field21 = value }
        }
        .constant("static_field", Int32(3))
}
