import Gateway

/// Everything that py4j's tests expect to find in the JVM beyond Java's own classes.
enum Examples {
    static let registry: TypeRegistry = {
        var registry = TypeRegistry.standard
        registry.register(Calls.registration)
        registry.register(ExampleEntryPoint.registration)
        registry.register(ExampleClass.registration)
        registry.register(
            TypeRegistration<ExampleClass>("py4j.examples.ExampleClass$StaticClass"))
        registry.register(UTFExample.registration)
        registry.register(OperatorExample.registration)
        registry.register(PingPong.registration)
        registry.register(ReturnerExample.registration)
        registry.register(InterfaceExample.registration)
        registry.register(MultiClientServer.EntryPoint.registration)
        registry.register(
            TypeRegistration.enumeration("py4j.examples.Enum2", ["FOO"]))
        registry.register(TypeRegistration<ExampleClass>("py4j.examples.EnumExample"))
        registry.register(TypeRegistration.enumeration("py4j.examples.EnumExample$MyEnum", ["FOO"]))
        registry.register(
            TypeRegistration<ExampleClass>("py4j.examples.EnumExample$InnerClass")
                .constant("MY_CONSTANT2", "HELLO2"))
        registry.register(ByteBufferExample.registration)
        registry.register(FileExample.registration)
        registry.register(InstrumentedApplication.registration(.pooled))
        registry.register(InstrumentedApplication.registration(.singleThreaded))
        registry.register(InstrumentedObject.registration)
        registry.register(MetricRegistry.registration)
        for name in [
            IHello.gatewayName, "py4j.examples.IHelloObject", Operator.gatewayName,
            BytesOperator.gatewayName, IPing.gatewayName, "py4j.examples.IPong",
            IReturnConverter.gatewayName, "py4j.examples.InterfaceA", InterfaceB.gatewayName,
            "py4j.examples.InterfaceNone", "py4j.examples.ExampleListener",
            ThreadIDGetter.gatewayName,
        ] {
            registry.register(TypeRegistration<PythonProxy>(name, interface: true))
        }
        return registry
    }()
}
