/// A line of a stack trace.
final class JavaStackTraceElement: GatewayObject {
    static let gatewayName = "java.lang.StackTraceElement"

    let text: String

    init(_ text: String) { self.text = text }

    var gatewayDescription: String { text }

    /// `class.method` before the parenthesis, split at its last dot.
    private var place: (type: String, method: String) {
        let name = String(text.prefix { $0 != "(" })
        return (JavaNames.package(name), JavaNames.short(name))
    }

    static let registration = TypeRegistration<JavaStackTraceElement>()
        .method("getClassName") { $0.place.type }
        .method("getMethodName") { $0.place.method }
        .method("getFileName") { _ in String?.none }
        .method("getLineNumber") { _ in Int32(-2) }
}

enum JavaThrowables {
    static func register(in registry: inout TypeRegistry) {
        registry.register(JavaStackTraceElement.registration)
        registry.register(
            constructors(TypeRegistration<JavaThrowable>(JavaThrowable.gatewayName))
                .method("getMessage") { $0.message }
                .method("getLocalizedMessage") { $0.message }
                .method("getCause") { $0.cause }
                .method("getStackTrace") { throwable in
                    JavaArray(
                        element: JavaStackTraceElement.gatewayName,
                        throwable.stackFrames.map { .object(JavaStackTraceElement($0)) })
                }
                .method("getSuppressed") { _ in
                    JavaArray(element: JavaThrowable.gatewayName, [])
                }
                .blockingMethod("printStackTrace") { throwable in
                    JavaPrintStream(descriptor: 2).print(throwable.stackTrace)
                })
        for (name, parent) in hierarchy {
            registry.register(
                constructors(TypeRegistration<JavaThrowable>(name, extends: [parent])))
        }
    }

    /// An exception class under a name of one's own.
    static func constructors(
        _ registration: TypeRegistration<JavaThrowable>
    ) -> TypeRegistration<JavaThrowable> {
        let name = registration.name
        return
            registration
            .constructor { JavaThrowable(name) }
            .constructor(String?.self) { JavaThrowable(name, $0) }
            .constructor(String?.self, JavaThrowable?.self) { JavaThrowable(name, $0, cause: $1) }
            .constructor(JavaThrowable?.self) { cause in
                JavaThrowable(name, cause?.gatewayDescription, cause: cause)
            }
    }

    private static let hierarchy: [(name: String, parent: String)] = [
        ("java.lang.Exception", "java.lang.Throwable"),
        ("java.lang.Error", "java.lang.Throwable"),
        ("java.lang.OutOfMemoryError", "java.lang.Error"),
        ("java.lang.StackOverflowError", "java.lang.Error"),
        ("java.lang.AssertionError", "java.lang.Error"),
        ("java.lang.RuntimeException", "java.lang.Exception"),
        ("java.lang.InterruptedException", "java.lang.Exception"),
        ("java.lang.CloneNotSupportedException", "java.lang.Exception"),
        ("java.lang.ReflectiveOperationException", "java.lang.Exception"),
        ("java.lang.ClassNotFoundException", "java.lang.ReflectiveOperationException"),
        ("java.lang.IllegalAccessException", "java.lang.ReflectiveOperationException"),
        ("java.lang.NoSuchFieldException", "java.lang.ReflectiveOperationException"),
        ("java.lang.NoSuchMethodException", "java.lang.ReflectiveOperationException"),
        ("java.lang.ArithmeticException", "java.lang.RuntimeException"),
        ("java.lang.ArrayStoreException", "java.lang.RuntimeException"),
        ("java.lang.ClassCastException", "java.lang.RuntimeException"),
        ("java.lang.IllegalArgumentException", "java.lang.RuntimeException"),
        ("java.lang.IllegalMonitorStateException", "java.lang.RuntimeException"),
        ("java.lang.IllegalStateException", "java.lang.RuntimeException"),
        ("java.lang.IndexOutOfBoundsException", "java.lang.RuntimeException"),
        ("java.lang.NegativeArraySizeException", "java.lang.RuntimeException"),
        ("java.lang.NullPointerException", "java.lang.RuntimeException"),
        ("java.lang.SecurityException", "java.lang.RuntimeException"),
        ("java.lang.UnsupportedOperationException", "java.lang.RuntimeException"),
        ("java.lang.NumberFormatException", "java.lang.IllegalArgumentException"),
        (
            "java.lang.ArrayIndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException"
        ),
        (
            "java.lang.StringIndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException"
        ),
        ("java.util.NoSuchElementException", "java.lang.RuntimeException"),
        ("java.util.ConcurrentModificationException", "java.lang.RuntimeException"),
        ("java.util.concurrent.ExecutionException", "java.lang.Exception"),
        ("java.util.concurrent.TimeoutException", "java.lang.Exception"),
        ("java.util.concurrent.CancellationException", "java.lang.IllegalStateException"),
        ("java.util.concurrent.CompletionException", "java.lang.RuntimeException"),
        ("java.io.IOException", "java.lang.Exception"),
        ("java.io.FileNotFoundException", "java.io.IOException"),
        ("java.io.ObjectStreamException", "java.io.IOException"),
        ("java.io.NotSerializableException", "java.io.ObjectStreamException"),
        ("java.io.UncheckedIOException", "java.lang.RuntimeException"),
        ("java.net.SocketException", "java.io.IOException"),
        ("java.net.ConnectException", "java.net.SocketException"),
        ("py4j.Py4JException", "java.lang.RuntimeException"),
        ("py4j.Py4JNetworkException", "py4j.Py4JException"),
        ("py4j.Py4JAuthenticationException", "py4j.Py4JException"),
    ]
}

extension TypeRegistration where Object == JavaThrowable {
    /// An exception class with Java's usual constructors.
    public static func exception(
        _ name: String, extends parent: String = "java.lang.RuntimeException"
    ) -> TypeRegistration<JavaThrowable> {
        JavaThrowables.constructors(TypeRegistration(name, extends: [parent]))
    }
}
