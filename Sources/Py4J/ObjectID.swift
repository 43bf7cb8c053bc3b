/// Names an object of the gateway, or the class of a static call.
public enum ObjectID: Hashable, Sendable {
    /// `o<n>`: an object that was returned to the client.
    case object(UInt64)
    /// `t`: the entry point.
    case entryPoint
    /// `j`: the JVM view that every client starts with.
    case defaultView
    /// `GATEWAY_SERVER`: the server itself.
    case server
    /// `z:<qualified name>`: the static members of a class.
    case staticMembers(String)
    /// Anything else; no object has such a name.
    case unknown(String)

    @inline(__always)
    static func parse(_ line: UnsafeRawBufferPointer) -> ObjectID {
        if line.count > 1, line.count <= 20, line[0] == UInt8(ascii: "o"),
            let number = Digits.unsigned(line, from: 1)
        {
            return .object(number)
        }
        switch line.count {
        case 1 where line[0] == UInt8(ascii: "t"): return .entryPoint
        case 1 where line[0] == UInt8(ascii: "j"): return .defaultView
        default: break
        }
        if line.count > 1, line[0] == UInt8(ascii: "z"), line[1] == UInt8(ascii: ":") {
            return .staticMembers(String(decoding: line[2...], as: UTF8.self))
        }
        let text = String(decoding: line, as: UTF8.self)
        return text == "GATEWAY_SERVER" ? .server : .unknown(text)
    }

    /// Reads an identifier as it stands on the wire. Every text is an identifier.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { ObjectID.parse(UnsafeRawBufferPointer($0)) }
    }
}

extension ObjectID: CustomStringConvertible {
    /// The identifier as it stands on the wire.
    public var description: String {
        switch self {
        case .object(let number): "o\(number)"
        case .entryPoint: "t"
        case .defaultView: "j"
        case .server: "GATEWAY_SERVER"
        case .staticMembers(let name): "z:\(name)"
        case .unknown(let text): text
        }
    }
}
