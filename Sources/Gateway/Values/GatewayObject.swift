/// An object that a client can hold a reference to.
///
/// Calls arrive on several connections at once, so the class guards its own state. It states its
/// qualified name once; what a client may do with it is said by a ``TypeRegistration``.
public protocol GatewayObject: AnyObject, Sendable, GatewayConvertible {
    /// Qualified name as Python sees it, such as `martlet.DataStream`.
    static var gatewayName: String { get }

    /// The name of this very object's type, where one Swift class stands for several
    /// (`ArrayList` and `LinkedList`, all exceptions). Defaults to the class's name.
    var gatewayTypeName: String { get }

    /// Java's `equals`. Defaults to identity.
    func gatewayEquals(_ other: GatewayValue) -> Bool

    /// Java's `hashCode`; equal objects have equal codes. Defaults to identity.
    var gatewayHashCode: Int32 { get }

    /// Java's `toString`. Defaults to the type's name and the hash code.
    var gatewayDescription: String { get }
}

extension GatewayObject {
    public var gatewayTypeName: String { Self.gatewayName }

    public func gatewayEquals(_ other: GatewayValue) -> Bool {
        if case .object(let object) = other { object === self } else { false }
    }

    public var gatewayHashCode: Int32 {
        let address = UInt(bitPattern: ObjectIdentifier(self).hashValue) >> 4
        return Int32(truncatingIfNeeded: address & 0x7FFF_FFFF)
    }

    public var gatewayDescription: String {
        gatewayTypeName + "@" + String(UInt32(bitPattern: gatewayHashCode), radix: 16)
    }

    public static var parameterType: ParameterType { .reference(gatewayName) }

    public static func fromGateway(_ value: GatewayValue) throws -> Self {
        guard case .object(let object) = value, let typed = object as? Self else {
            throw JavaThrowable.classCast(value, to: gatewayName)
        }
        return typed
    }

    public var gatewayValue: GatewayValue { .object(self) }
}

/// An object with Java's natural order, for `sort`, `min`, `max` and sorted collections.
public protocol GatewayComparable: GatewayObject {
    /// Negative, zero or positive, as `Comparable.compareTo`.
    func gatewayCompare(to other: GatewayValue) throws -> Int
}
