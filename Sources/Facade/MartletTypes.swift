public import Gateway
public import Jobs

#if canImport(Glibc)
    import Glibc
#endif

/// Registers everything that the Python client calls: `docs/facade.md`.
public func registerMartletTypes(in registry: inout TypeRegistry, service: JobService) {
    registerErrors(in: &registry)
    EnvironmentObject.register(in: &registry, service: service)
    StreamObject.register(in: &registry)
    SinkObject.register(in: &registry)
    CollectObject.register(in: &registry)
    LatencyObject.register(in: &registry)
    JobObject.register(in: &registry)
    registry.register(
        TypeRegistration<RuntimeObject>()
            .staticMethod("version") { martletVersion }
            .staticMethod("pid") { Int64(getpid()) })
}

/// `martlet.Runtime`: what this process is.
final class RuntimeObject: GatewayObject {
    static let gatewayName = "martlet.Runtime"
}

/// The version of the runtime and of the Python package, which go together.
public let martletVersion = "0.1.0"
