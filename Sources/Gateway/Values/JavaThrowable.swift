import Synchronization

/// An exception as Python sees it: class, message, cause and a stack trace to print.
///
/// Registered code may throw one, or any Swift error: see ``GatewayThrowable``.
public final class JavaThrowable: Error, GatewayObject {
    public static let gatewayName = "java.lang.Throwable"

    public let javaClass: String
    public let message: String?
    public let cause: JavaThrowable?
    /// The Swift error that this stands for, for methods that tell more of it.
    public let underlying: (any Error)?
    /// Where it happened, innermost first, as Java prints it: `java.lang.Integer.valueOf(…)`.
    private let frames: Mutex<[String]>

    public init(
        _ javaClass: String, _ message: String? = nil, cause: JavaThrowable? = nil,
        frames: [String] = [], underlying: (any Error)? = nil
    ) {
        self.underlying = underlying
        self.javaClass = javaClass
        self.message = message
        self.cause = cause
        self.frames = Mutex(frames)
    }

    public var gatewayTypeName: String { javaClass }

    /// `toString()`: the class, and the message if there is one.
    public var gatewayDescription: String {
        message.map { "\(javaClass): \($0)" } ?? javaClass
    }

    public var stackFrames: [String] { frames.withLock { $0 } }

    /// Adds where the exception left registered code, unless it already says where it began.
    func addFrameIfEmpty(_ frame: String) {
        frames.withLock { if $0.isEmpty { $0.append(frame) } }
    }

    /// What `printStackTrace()` prints, causes included.
    public var stackTrace: String {
        var text = ""
        var current: JavaThrowable? = self
        // Causes are fixed at creation, so the chain has an end; a bound keeps the text readable.
        var remaining = 64
        while let throwable = current, remaining > 0 {
            if remaining < 64 { text += "Caused by: " }
            text += throwable.gatewayDescription + "\n"
            for frame in throwable.stackFrames { text += "\tat \(frame)\n" }
            current = throwable.cause
            remaining -= 1
        }
        return text
    }
}

/// A Swift error that knows the Java exception it stands for.
public protocol GatewayThrowable: Error {
    /// Qualified name, such as `java.lang.IllegalArgumentException`.
    var javaClass: String { get }
    var javaMessage: String? { get }
    var javaCause: (any Error)? { get }
    /// Lines for the stack trace, innermost first.
    var javaFrames: [String] { get }
}

extension GatewayThrowable {
    public var javaCause: (any Error)? { nil }
    public var javaFrames: [String] { [] }
}

extension JavaThrowable {
    /// The exception for any Swift error. One that is no ``GatewayThrowable`` becomes a
    /// `RuntimeException` with its description as the message.
    public static func from(_ error: any Error, depth: Int = 0) -> JavaThrowable {
        if let throwable = error as? JavaThrowable { return throwable }
        guard let known = error as? any GatewayThrowable else {
            return JavaThrowable("java.lang.RuntimeException", String(describing: error))
        }
        // Causes come from registered code; a bound keeps a cycle from becoming endless.
        let cause = depth < 64 ? known.javaCause.map { from($0, depth: depth + 1) } : nil
        return JavaThrowable(
            known.javaClass, known.javaMessage, cause: cause, frames: known.javaFrames,
            underlying: error)
    }

    static func classCast(_ value: GatewayValue, to name: String) -> JavaThrowable {
        guard let actual = value.javaClassName else { return nullPointer(name) }
        return JavaThrowable(
            "java.lang.ClassCastException", "class \(actual) cannot be cast to class \(name)")
    }

    static func nullPointer(_ expected: String) -> JavaThrowable {
        JavaThrowable(
            "java.lang.NullPointerException", "null was given where \(expected) is needed")
    }

    static func indexOutOfBounds(_ index: Int, _ count: Int) -> JavaThrowable {
        JavaThrowable(
            "java.lang.IndexOutOfBoundsException",
            "Index \(index) out of bounds for length \(count)")
    }

    static func illegalArgument(_ message: String) -> JavaThrowable {
        JavaThrowable("java.lang.IllegalArgumentException", message)
    }

    static func numberFormat(_ text: String) -> JavaThrowable {
        JavaThrowable("java.lang.NumberFormatException", "For input string: \"\(text)\"")
    }

    /// An error of the gateway itself. Python raises these as `Py4JError`, not `Py4JJavaError`,
    /// unless they come out of registered code.
    static func gateway(_ message: String, cause: JavaThrowable? = nil) -> JavaThrowable {
        JavaThrowable("py4j.Py4JException", message, cause: cause)
    }
}
