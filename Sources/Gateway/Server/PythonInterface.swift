/// A Java interface that Python classes implement, seen from Swift.
///
/// ```swift
/// struct Operator: PythonInterface {
///     static let gatewayName = "py4j.examples.Operator"
///     let proxy: PythonProxy
///     func doOperation(_ i: Int32, _ j: Int32) async throws -> Int32 {
///         try await proxy.call("doOperation", [.int32(i), .int32(j)], returning: Int32.self)
///     }
/// }
/// registry.register(TypeRegistration<PythonProxy>(Operator.gatewayName, interface: true))
/// ```
public protocol PythonInterface: GatewayConvertible, Sendable {
    static var gatewayName: String { get }
    var proxy: PythonProxy { get }
    init(proxy: PythonProxy)
}

extension PythonInterface {
    public static var parameterType: ParameterType { .reference(gatewayName) }

    public static func fromGateway(_ value: GatewayValue) throws -> Self {
        guard let proxy = value.proxy else {
            throw JavaThrowable.classCast(value, to: gatewayName)
        }
        return Self(proxy: proxy)
    }

    public var gatewayValue: GatewayValue { .object(proxy) }
}
