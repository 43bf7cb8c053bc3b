#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `System.out` and `System.err`.
final class JavaPrintStream: GatewayObject {
    static let gatewayName = "java.io.PrintStream"

    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    func print(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            // As Java's, a print stream swallows its errors.
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    static let registration = TypeRegistration<JavaPrintStream>()
        .blockingMethod("println") { $0.print("\n") }
        .blockingMethod("println", GatewayValue.self) { $0.print($1.description + "\n") }
        .blockingMethod("print", GatewayValue.self) { $0.print($1.description) }
        .method("flush") { _ in }
        .method("checkError") { _ in false }
}

/// `java.lang.Thread`: the identity of a caller.
final class JavaThread: GatewayObject {
    static let gatewayName = "java.lang.Thread"

    let thread: GatewayThread

    init(_ thread: GatewayThread) { self.thread = thread }

    func gatewayEquals(_ other: GatewayValue) -> Bool {
        guard case .object(let object as JavaThread) = other else { return false }
        return object.thread === thread
    }

    var gatewayHashCode: Int32 { Int32(truncatingIfNeeded: thread.id) }
    var gatewayDescription: String { "Thread[Thread-\(thread.id),5,main]" }

    static let registration = TypeRegistration<JavaThread>()
        .method("getId") { $0.thread.id }
        .method("threadId") { $0.thread.id }
        .method("getName") { "Thread-\($0.thread.id)" }
        .rawStaticMethod("currentThread") { .object(JavaThread($0.context.thread)) }
        .asyncStaticMethod("sleep", Int64.self) { milliseconds in
            guard milliseconds >= 0 else {
                throw JavaThrowable.illegalArgument("timeout value is negative")
            }
            // A clock has no room for the largest numbers; a century is as good.
            try await Task.sleep(for: .milliseconds(min(milliseconds, 1 << 41)))
            return GatewayValue.void
        }
}

enum JavaSystem {
    static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func register(in registry: inout TypeRegistry) {
        registry.register(JavaPrintStream.registration)
        registry.register(JavaThread.registration)
        registry.register(
            TypeRegistration<any GatewayObject>("java.lang.System")
                .staticMethod("currentTimeMillis") { nanoseconds(CLOCK_REALTIME) / 1_000_000 }
                .staticMethod("nanoTime") { nanoseconds(CLOCK_MONOTONIC) }
                .staticMethod("lineSeparator") { "\n" }
                .staticMethod("identityHashCode", GatewayValue.self) { value in
                    guard case .object(let object) = value else { return Int32(0) }
                    return Int32(truncatingIfNeeded: ObjectIdentifier(object).hashValue)
                }
                .staticMethod("getProperty", String.self) { property($0) }
                .staticMethod("getProperty", String.self, String?.self) { name, fallback in
                    property(name) ?? fallback
                }
                .staticMethod("getenv", String.self) { environment($0) }
                // Nothing to collect here, but Python may be told now what is not used any more.
                .rawAsyncStaticMethod("gc") { arguments in
                    await arguments.context.dispatcher.callbacks?.flushReleases()
                    return .void
                }
                .constant("out", JavaPrintStream(descriptor: 1))
                .constant("err", JavaPrintStream(descriptor: 2)))
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func property(_ name: String) -> String? {
        switch name {
        case "user.dir":
            guard let path = getcwd(nil, 0) else { return nil }
            defer { free(path) }
            return String(cString: path)
        case "user.home": return environment("HOME")
        case "user.name": return environment("USER")
        case "java.io.tmpdir": return environment("TMPDIR") ?? "/tmp"
        case "line.separator": return "\n"
        case "file.separator": return "/"
        case "path.separator": return ":"
        case "os.name":
            #if os(Linux)
                return "Linux"
            #else
                return "Mac OS X"
            #endif
        // Says what stands in for Java, to programs that look.
        case "java.vendor": return "Martlet"
        case "java.vm.name": return "Swift"
        default: return nil
        }
    }
}
