import Gateway

/// Text and bytes, unit by unit.
final class UTFExample: GatewayObject {
    static let gatewayName = "py4j.examples.UTFExample"

    static let registration = TypeRegistration<UTFExample>()
        .constructor { UTFExample() }
        .method("getPositiveByteValue", Int8.self) { _, byte in Int32(UInt8(bitPattern: byte)) }
        .method("getJavaByteValue", Int8.self) { _, byte in Int32(byte) }
        .method("getUtfValue", String.self) { _, text in
            JavaArray(element: "int", text.utf16.map { .int32(Int32($0)) })
        }
        .method("getBytesValue", [UInt8].self) { _, bytes in
            JavaArray(element: "int", bytes.map { .int32(Int32($0)) })
        }
        .method("getBytesValue") { _ in [0, 1, 10, 127, 255, 128] as [UInt8] }
}

/// `java.nio.ByteBuffer`, as far as a test calls it.
final class ByteBufferExample: GatewayObject {
    static let gatewayName = "java.nio.ByteBuffer"

    private let content: [UInt8]

    init(_ content: [UInt8]) { self.content = content }

    static let registration = TypeRegistration<ByteBufferExample>()
        .staticMethod("wrap", [UInt8].self) { ByteBufferExample($0) }
        .method("capacity") { Int32(clamping: $0.content.count) }
}

/// `java.io.File`, as far as a test calls it.
final class FileExample: GatewayObject {
    static let gatewayName = "java.io.File"

    private let path: String

    init(_ path: String) { self.path = path }

    static let registration = TypeRegistration<FileExample>()
        .constructor(String.self) { FileExample($0) }
        .method("getPath") { $0.path }
}
