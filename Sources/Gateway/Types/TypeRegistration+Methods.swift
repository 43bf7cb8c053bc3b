// Each kind of member in two forms, with a result and without: a result type cannot be both
// `Void` and convertible.

extension TypeRegistration {
    /// A method that runs at once on the event loop.
    public consuming func method<each Parameter: GatewayConvertible, Result: GatewayConvertible>(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) throws -> Result
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types),
                resultName: Result.parameterType.description, isStatic: false,
                body: .inline { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try body(
                        Self.receiver(receiver), repeat cursor.next((each Parameter).self)
                    ).gatewayValue
                }))
    }

    /// A method without a result that runs at once on the event loop.
    public consuming func method<each Parameter: GatewayConvertible>(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) throws -> Void
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: "void",
                isStatic: false,
                body: .inline { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    try body(Self.receiver(receiver), repeat cursor.next((each Parameter).self))
                    return .void
                }))
    }

    /// A method that may suspend; other connections are served meanwhile.
    public consuming func asyncMethod<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) async throws -> Result
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types),
                resultName: Result.parameterType.description, isStatic: false,
                body: .suspending { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try await body(
                        Self.receiver(receiver), repeat cursor.next((each Parameter).self)
                    ).gatewayValue
                }))
    }

    /// A method without a result that may suspend.
    public consuming func asyncMethod<each Parameter: GatewayConvertible>(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) async throws -> Void
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: "void",
                isStatic: false,
                body: .suspending { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    try await body(
                        Self.receiver(receiver), repeat cursor.next((each Parameter).self))
                    return .void
                }))
    }

    /// A method that may block its thread: files, locks, long computations.
    public consuming func blockingMethod<
        each Parameter: GatewayConvertible, Result: GatewayConvertible
    >(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) throws -> Result
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types),
                resultName: Result.parameterType.description, isStatic: false,
                body: .blocking { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    return try body(
                        Self.receiver(receiver), repeat cursor.next((each Parameter).self)
                    ).gatewayValue
                }))
    }

    /// A method without a result that may block its thread.
    public consuming func blockingMethod<each Parameter: GatewayConvertible>(
        _ name: String, _ types: repeat (each Parameter).Type,
        body: @escaping @Sendable (Object, repeat each Parameter) throws -> Void
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: parameterTypes(repeat each types), resultName: "void",
                isStatic: false,
                body: .blocking { receiver, arguments in
                    var cursor = ArgumentCursor(arguments)
                    try body(Self.receiver(receiver), repeat cursor.next((each Parameter).self))
                    return .void
                }))
    }

    /// A method that takes whatever comes, when no other overload fits. It runs at once.
    public consuming func rawMethod(
        _ name: String,
        body: @escaping @Sendable (Object, Arguments) throws -> GatewayValue
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: nil, resultName: "java.lang.Object", isStatic: false,
                body: .inline { try body(Self.receiver($0), $1) }))
    }

    /// A method that takes whatever comes, when no other overload fits. It may suspend.
    public consuming func rawAsyncMethod(
        _ name: String,
        body: @escaping @Sendable (Object, Arguments) async throws -> GatewayValue
    ) -> Self {
        add(
            method: Executable(
                name: name, parameters: nil, resultName: "java.lang.Object", isStatic: false,
                body: .suspending { try await body(Self.receiver($0), $1) }))
    }
}
