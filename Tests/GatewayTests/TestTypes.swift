import Synchronization

@testable import Gateway

/// An object with one of each kind of member.
final class Counter: GatewayObject {
    static let gatewayName = "test.Counter"

    let value: Mutex<Int64>
    static let living = Atomic<Int>(0)

    init(_ value: Int64 = 0) {
        self.value = Mutex(value)
        Self.living.wrappingAdd(1, ordering: .relaxed)
    }

    deinit { Self.living.wrappingSubtract(1, ordering: .relaxed) }

    func add(_ amount: Int64) -> Int64 {
        value.withLock { value in
            value += amount
            return value
        }
    }
}

struct ValidationError: GatewayThrowable {
    struct Inner: Error, CustomStringConvertible { var description: String { "the reason" } }

    var javaClass: String { "test.ValidationException" }
    var javaMessage: String? { "no such column" }
    var javaCause: (any Error)? { Inner() }
    var javaFrames: [String] { ["job.py:12"] }
}

struct Greeter: PythonInterface {
    static let gatewayName = "test.Greeter"
    let proxy: PythonProxy
}

enum TestTypes {
    static let registry: TypeRegistry = {
        var registry = TypeRegistry.standard
        registry.register(counter)
        registry.register(overloaded)
        registry.register(
            TypeRegistration<Counter>("test.Special", extends: ["test.Counter", "test.Named"])
                .method("name") { _ in "special" })
        registry.register(TypeRegistration<any GatewayObject>("test.Named", interface: true))
        registry.register(TypeRegistration<PythonProxy>(Greeter.gatewayName, interface: true))
        registry.register(.exception("test.ValidationException"))
        registry.register(.enumeration("test.Color", ["RED", "GREEN"]))
        registry.register(
            TypeRegistration<Counter>("test.Counter$Inner").constant("DEPTH", Int32(1)))
        return registry
    }()

    private static let counter = TypeRegistration<Counter>()
        .constructor { Counter() }
        .constructor(Int64.self) { Counter($0) }
        .method("add", Int64.self) { $0.add($1) }
        .method("get") { $0.add(0) }
        .method("reset") { counter in counter.value.withLock { $0 = 0 } }
        .method("itself") { $0 }
        .method("merge", Counter.self) { $0.add($1.add(0)) }
        .asyncMethod("addLater", Int64.self, Int64.self) { counter, amount, milliseconds in
            try await Task.sleep(for: .milliseconds(milliseconds))
            return counter.add(amount)
        }
        .blockingMethod("addBlocking", Int64.self) { $0.add($1) }
        .method("fail") { _ in throw ValidationError() }
        .asyncMethod("failLater") { _ in throw ValidationError() }
        .method("failPlainly") { _ in throw CancellationError() }
        .rawMethod("count") { _, arguments in .int32(Int32(arguments.count)) }
        .asyncMethod("greet", Greeter.self) { _, greeter in
            try await greeter.proxy.call("greet", [.string("you")], returning: String.self)
        }
        .asyncMethod("pass", Greeter.self, GatewayValue.self) { _, greeter, value in
            try await greeter.proxy.call("take", [value])
        }
        .asyncMethod("greetTwice", Greeter.self) { _, greeter in
            async let first = greeter.proxy.call("greet", [.int32(1)])
            async let second = greeter.proxy.call("greet", [.int32(2)])
            return JavaList([try await first, try await second])
        }
        .method("keep", Greeter.self) { counter, _ in _ = counter.add(1) }
        .method("open") { _ in JavaByteChannel(Array("raw\nbytes".utf8)) }
        .staticMethod("twice", Int32.self) { $0 * 2 }
        .field("value", get: { $0.add(0) }) { counter, value in
            counter.value.withLock { $0 = value }
        }
        .field("fixed", get: { _ in "fixed" })
        .constant("LIMIT", Int32(10))

    /// Every method says which overload it is.
    private static let overloaded = TypeRegistration<SpecialCounter>("test.Overloaded")
        .constructor { Overloaded() }
        .method("pick", Int32.self) { _, _ in "int" }
        .method("pick", Int64.self) { _, _ in "long" }
        .method("pick", Double.self) { _, _ in "double" }
        .method("pick", String.self) { _, _ in "String" }
        .method("pick", Bool.self) { _, _ in "boolean" }
        .method("pick", GatewayValue.self) { _, _ in "Object" }
        .method("pick", JavaList.self) { _, _ in "List" }
        .method("pick", Counter.self) { _, _ in "Counter" }
        .method("pick", Greeter.self) { _, _ in "Greeter" }
        .method("narrow", Int8.self) { _, value in "byte \(value)" }
        .method("number", Int64.self) { _, value in "long \(value)" }
        .method("number", Float.self) { _, value in "float \(value)" }
        .method("letter", JavaChar.self) { _, value in "char \(value.unit)" }
        .method("boxed", Int64?.self) { _, value in value.map { "Long \($0)" } ?? "null" }
        .method("two", Int32.self, GatewayValue.self) { _, _, _ in "int, Object" }
        .method("two", GatewayValue.self, String.self) { _, _, _ in "Object, String" }
}

/// Shows that several Java names may share one Swift class.
func Overloaded() -> SpecialCounter { SpecialCounter("test.Overloaded") }

final class SpecialCounter: GatewayObject {
    static let gatewayName = "test.SpecialCounter"
    let gatewayTypeName: String
    init(_ name: String) { gatewayTypeName = name }
}
