import Synchronization

/// A Java array of fixed length. (A `byte[]` is no object here: it travels by value, see
/// ``GatewayValue/bytes(_:)``.)
public final class JavaArray: NestedObject, @unchecked Sendable {
    public override class var gatewayName: String { TypeTable.objectName }

    /// Type of the elements, as `Class.getName()` gives it.
    public let elementName: String
    private let state: Mutex<[GatewayValue]>

    public init(element: String, _ elements: [GatewayValue]) {
        self.elementName = element
        self.state = Mutex(elements)
    }

    deinit { Graveyard.bury(self) }

    public override var gatewayTypeName: String { JavaNames.array(of: elementName) }
    public var elements: [GatewayValue] { state.withLock { $0 } }
    public var count: Int { state.withLock { $0.count } }

    /// What an element may be.
    var elementType: ParameterType {
        ParameterType.primitive(elementName) ?? .reference(elementName)
    }

    public func element(at index: Int) throws -> GatewayValue {
        try state.withLock { elements in
            guard elements.indices.contains(index) else { throw Self.outOfBounds(index, elements) }
            return elements[index]
        }
    }

    func set(_ value: GatewayValue, at index: Int) throws {
        try state.withLock { elements in
            guard elements.indices.contains(index) else { throw Self.outOfBounds(index, elements) }
            elements[index] = value
        }
    }

    private static func outOfBounds(_ index: Int, _ elements: [GatewayValue]) -> JavaThrowable {
        JavaThrowable(
            "java.lang.ArrayIndexOutOfBoundsException",
            "Index \(index) out of bounds for length \(elements.count)")
    }

    /// How far the class `name` is above this array's; nil if the array is none of it. Arrays of
    /// objects are arrays of what their elements are.
    func distance(to name: String, _ types: TypeTable) -> Int? {
        if name == gatewayTypeName { return 0 }
        if name == TypeTable.objectName { return 1 }
        guard let wanted = JavaNames.element(of: name),
            ParameterType.primitive(elementName) == nil
        else { return nil }
        if elementName.hasPrefix("[") || wanted.hasPrefix("[") {
            return wanted == TypeTable.objectName ? 1 : nil
        }
        return types.named(elementName)?.distances[wanted]
    }

    override func takeElements() -> [GatewayValue] {
        state.withLock { elements in
            defer { elements = [] }
            return elements
        }
    }

    override func describe(_ nesting: inout Nesting) -> String {
        let code = UInt32(truncatingIfNeeded: ObjectIdentifier(self).hashValue)
        return gatewayTypeName + "@" + String(code, radix: 16)
    }

    override func hash(_ nesting: inout Nesting) -> Int32 {
        Int32(truncatingIfNeeded: ObjectIdentifier(self).hashValue)
    }

    /// Makes an array, of arrays if there are several dimensions.
    /// - Returns: Bytes for a `byte[]`.
    static func make(element: String, dimensions: [Int]) throws -> GatewayValue {
        guard let length = dimensions.first else {
            throw JavaThrowable.illegalArgument("Empty dimensions array")
        }
        guard length >= 0 else {
            throw JavaThrowable("java.lang.NegativeArraySizeException", String(length))
        }
        // A client must not reserve memory with a number.
        var total = 1
        for dimension in dimensions {
            let (product, overflow) = total.multipliedReportingOverflow(by: max(dimension, 1))
            total = overflow ? Int.max : product
        }
        try checkCount(dimensions.count <= 255 ? total : .max)
        if dimensions.count == 1 {
            if element == "byte" { return .bytes([UInt8](repeating: 0, count: length)) }
            return .object(
                JavaArray(
                    element: element,
                    [GatewayValue](repeating: initialValue(element), count: length)))
        }
        let inner = Array(dimensions.dropFirst())
        var innerName = element
        for _ in inner { innerName = JavaNames.array(of: innerName) }
        return .object(
            JavaArray(
                element: innerName,
                try (0..<length).map { _ in try make(element: element, dimensions: inner) }))
    }

    private static func initialValue(_ element: String) -> GatewayValue {
        switch ParameterType.primitive(element) {
        case .boolean: .bool(false)
        case .byte, .short, .int: .int32(0)
        case .long: .int64(0)
        case .float: .float(0)
        case .double: .double(0)
        case .char: .char(0)
        default: .null
        }
    }
}
