extension TypeRegistration {
    /// A constructor. Its result is usually an object; boxed types give plain values.
    public consuming func constructor<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (repeat each Parameter) throws -> Result
    ) -> Self {
        add(
            constructor: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: name,
                isStatic: true,
                body: .inline { _, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try body(repeat cursor.next((each Parameter).self)).gatewayValue
                }))
    }

    /// A constructor that may suspend or call Python objects.
    public consuming func asyncConstructor<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (repeat each Parameter) async throws -> Result
    ) -> Self {
        add(
            constructor: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: name,
                isStatic: true,
                body: .suspending { _, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try await body(repeat cursor.next((each Parameter).self)).gatewayValue
                }))
    }

    /// A constructor that takes whatever comes, when no other fits.
    public consuming func rawConstructor(
        body: @escaping @Sendable (Arguments) throws -> GatewayValue
    ) -> Self {
        add(
            constructor: Executable(
                name: name, parameters: nil, resultName: name, isStatic: true,
                body: .inline { try body($1) }))
    }

    /// A static method that runs at once on the event loop.
    public consuming func staticMethod<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (repeat each Parameter) throws -> Result
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types),
                resultName: Result.parameterType.description, isStatic: true,
                body: .inline { _, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try body(repeat cursor.next((each Parameter).self)).gatewayValue
                }))
    }

    /// A static method without a result that runs at once on the event loop.
    public consuming func staticMethod<each Parameter: GatewayConvertible>(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (repeat each Parameter) throws -> Void
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: "void",
                isStatic: true,
                body: .inline { _, arguments in
                    var cursor = ArgumentCursor(arguments)
                    try body(repeat cursor.next((each Parameter).self))
                    return .void
                }))
    }

    /// A static method that may suspend.
    public consuming func asyncStaticMethod<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (repeat each Parameter) async throws -> Result
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types),
                resultName: Result.parameterType.description, isStatic: true,
                body: .suspending { _, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try await body(repeat cursor.next((each Parameter).self)).gatewayValue
                }))
    }

    /// A static method that takes whatever comes, when no other overload fits. It runs at once.
    public consuming func rawStaticMethod(
        _ name: String, body: @escaping @Sendable (Arguments) throws -> GatewayValue
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: nil, resultName: "java.lang.Object", isStatic: true,
                body: .inline { try body($1) }))
    }

    /// A static method that takes whatever comes, when no other overload fits. It may suspend.
    public consuming func rawAsyncStaticMethod(
        _ name: String, body: @escaping @Sendable (Arguments) async throws -> GatewayValue
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: nil, resultName: "java.lang.Object", isStatic: true,
                body: .suspending { try await body($1) }))
    }

    /// A field of each object; without a setter it can only be read.
    public consuming func field<Value: GatewayConvertible>(
        _ name: String, get: @escaping @Sendable (Object) throws -> Value,
        set: (@Sendable (Object, Value) throws -> Void)? = nil
    ) -> Self {
        var assign: (@Sendable ((any GatewayObject)?, GatewayValue) throws -> Void)?
        if let set {
            assign = { try set(Self.receiver($0), Value.fromGateway($1)) }
        }
        return add(
            field: FieldDescriptor(
                name: name, type: Value.parameterType, isStatic: false,
                get: { try get(Self.receiver($0)).gatewayValue }, set: assign))
    }

    /// A field of the class.
    public consuming func staticField<Value: GatewayConvertible>(
        _ name: String, get: @escaping @Sendable () throws -> Value,
        set: (@Sendable (Value) throws -> Void)? = nil
    ) -> Self {
        var assign: (@Sendable ((any GatewayObject)?, GatewayValue) throws -> Void)?
        if let set {
            assign = { _, value in try set(Value.fromGateway(value)) }
        }
        return add(
            field: FieldDescriptor(
                name: name, type: Value.parameterType, isStatic: true,
                get: { _ in try get().gatewayValue }, set: assign))
    }

    /// A field of the class that never changes.
    public consuming func constant<Value: GatewayConvertible & Sendable>(
        _ name: String, _ value: Value
    ) -> Self {
        staticField(name, get: { value })
    }
}
