import Synchronization

/// `StringBuilder` and `StringBuffer`.
public final class JavaStringBuilder: GatewayObject {
    public static let gatewayName = "java.lang.StringBuilder"
    static let bufferName = "java.lang.StringBuffer"

    let typeName: String
    private let text: Mutex<String>

    /// A `StringBuffer`.
    public static func buffer(_ text: String = "") -> JavaStringBuilder {
        JavaStringBuilder(text, typeName: bufferName)
    }

    init(_ text: String, typeName: String) {
        self.typeName = typeName
        self.text = Mutex(text)
    }

    public var gatewayTypeName: String { typeName }
    public var gatewayDescription: String { text.withLock { $0 } }

    func append(_ value: GatewayValue) {
        // Described outside of the lock: it may be this very object.
        let addition = value.description
        text.withLock { $0 += addition }
    }

    /// Changes the text in UTF-16 units, Java's measure.
    func edit<Result: Sendable>(_ body: (inout [UInt16]) throws -> Result) rethrows -> Result {
        try text.withLock { text in
            var units = Array(text.utf16)
            defer { text = String(decoding: units, as: UTF16.self) }
            return try body(&units)
        }
    }

    static func registration(_ name: String) -> TypeRegistration<JavaStringBuilder> {
        TypeRegistration<JavaStringBuilder>(name, extends: ["java.lang.CharSequence"])
            .constructor { JavaStringBuilder("", typeName: name) }
            .constructor(String.self) { JavaStringBuilder($0, typeName: name) }
            .constructor(Int32.self) { _ in JavaStringBuilder("", typeName: name) }
            .method("append", GatewayValue.self) { builder, value in
                builder.append(value)
                return builder
            }
            .method("length") { Int32(clamping: $0.gatewayDescription.utf16.count) }
            .method("reverse") { builder in
                builder.edit { $0.reverse() }
                return builder
            }
            .method("insert", Int32.self, GatewayValue.self) { builder, index, value in
                let addition = Array(value.description.utf16)
                try builder.edit { units in
                    guard (0...units.count).contains(Int(index)) else {
                        throw JavaText.outOfBounds(index, units.count)
                    }
                    units.insert(contentsOf: addition, at: Int(index))
                }
                return builder
            }
            .method("setLength", Int32.self) { builder, length in
                try builder.edit { units in
                    guard (0...units.count).contains(Int(length)) else {
                        throw JavaText.outOfBounds(length, units.count)
                    }
                    units.removeSubrange(Int(length)...)
                }
            }
            .method("charAt", Int32.self) { builder, index in
                let units = Array(builder.gatewayDescription.utf16)
                guard units.indices.contains(Int(index)) else {
                    throw JavaText.outOfBounds(index, units.count)
                }
                return JavaChar(units[Int(index)])
            }
    }
}

/// Strings travel by value, so only static methods and constructors can be called.
enum JavaText {
    static func register(in registry: inout TypeRegistry) {
        registry.register(
            TypeRegistration<any GatewayObject>(
                "java.lang.String", extends: ["java.lang.CharSequence", "java.lang.Comparable"]
            )
            .constructor { "" }
            .constructor(String.self) { $0 }
            .constructor([UInt8].self) { String(decoding: $0, as: UTF8.self) }
            .staticMethod("valueOf", GatewayValue.self) { $0.description }
            .staticMethod("join", String.self, CollectionArgument.self) { separator, parts in
                parts.elements.map(\.description).joined(separator: separator)
            })
        registry.register(JavaStringBuilder.registration(JavaStringBuilder.gatewayName))
        registry.register(JavaStringBuilder.registration(JavaStringBuilder.bufferName))
    }

    static func outOfBounds(_ index: Int32, _ length: Int) -> JavaThrowable {
        JavaThrowable(
            "java.lang.StringIndexOutOfBoundsException", "index \(index), length \(length)")
    }
}
