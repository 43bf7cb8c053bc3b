/// The declared Java type of a parameter, field or result. Overloads are chosen by it.
public enum ParameterType: Sendable, Hashable, CustomStringConvertible {
    case boolean, byte, short, int, long, float, double, char
    /// A class, an interface or an array, by its `Class.getName()`.
    case reference(String)

    public static let object = ParameterType.reference("java.lang.Object")
    public static let string = ParameterType.reference("java.lang.String")
    public static let bytes = ParameterType.reference("[B")

    public var isPrimitive: Bool { if case .reference = self { false } else { true } }

    /// `Class.getName()`.
    public var description: String {
        switch self {
        case .boolean: "boolean"
        case .byte: "byte"
        case .short: "short"
        case .int: "int"
        case .long: "long"
        case .float: "float"
        case .double: "double"
        case .char: "char"
        case .reference(let name): name
        }
    }

    /// The class of objects that hold a value of this type.
    public var boxed: ParameterType {
        switch self {
        case .boolean: .reference("java.lang.Boolean")
        case .byte: .reference("java.lang.Byte")
        case .short: .reference("java.lang.Short")
        case .int: .reference("java.lang.Integer")
        case .long: .reference("java.lang.Long")
        case .float: .reference("java.lang.Float")
        case .double: .reference("java.lang.Double")
        case .char: .reference("java.lang.Character")
        case .reference: self
        }
    }

    /// - Returns: nil if the name is that of no primitive type.
    public static func primitive(_ name: String) -> ParameterType? { primitives[name] }

    private static let primitives: [String: ParameterType] = [
        "boolean": .boolean, "byte": .byte, "short": .short, "int": .int, "long": .long,
        "float": .float, "double": .double, "char": .char,
    ]

    /// As `Class.getCanonicalName()`: `int[]` instead of `[I`.
    public var canonicalName: String { JavaNames.canonical(description) }
}

/// How Java spells the names of classes.
enum JavaNames {
    private static let codes: [Character: String] = [
        "Z": "boolean", "B": "byte", "S": "short", "I": "int", "J": "long", "F": "float",
        "D": "double", "C": "char",
    ]

    /// `[[Ljava.lang.String;` becomes `java.lang.String[][]`; `A$B` becomes `A.B`.
    static func canonical(_ name: String) -> String {
        let dimensions = name.prefix { $0 == "[" }.count
        guard dimensions > 0 else { return String(name.map { $0 == "$" ? "." : $0 }) }
        return canonical(element(of: name, dimensions: dimensions))
            + String(repeating: "[]", count: dimensions)
    }

    /// The array type one dimension above `element`.
    static func array(of element: String) -> String {
        if element.hasPrefix("[") { return "[" + element }
        for (code, name) in codes where name == element { return "[\(code)" }
        return "[L\(element);"
    }

    /// The element type of an array; nil if the name is of no array.
    static func element(of array: String) -> String? {
        array.hasPrefix("[") ? element(of: array, dimensions: 1) : nil
    }

    private static func element(of name: String, dimensions: Int) -> String {
        let rest = name.dropFirst(dimensions)
        if rest.hasPrefix("L"), rest.hasSuffix(";") { return String(rest.dropFirst().dropLast()) }
        if rest.count == 1, let first = rest.first, let primitive = codes[first] {
            return primitive
        }
        return String(rest)
    }

    /// The part behind the last dot.
    static func short(_ name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return name }
        return String(name[name.index(after: dot)...])
    }

    /// The part before the last dot; the whole name if there is none.
    static func package(_ name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return name }
        return String(name[..<dot])
    }
}
