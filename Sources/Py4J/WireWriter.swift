/// Builds lines of the wire in a buffer that keeps its capacity from one reply to the next.
public struct WireWriter: Sendable {
    /// What has been written since the last `removeAll()`.
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Forgets the content. A buffer that one huge reply made large is given back.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    }

    @inline(__always)
    public mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    public mutating func newline() { bytes.append(Wire.newline) }

    /// Appends text that is known to contain no line break and no backslash.
    public mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends text with `\`, CR and LF escaped.
    public mutating func escaped(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in 0..<utf8.count {
                let replacement: UInt8
                switch utf8[index] {
                case Wire.escape: replacement = Wire.escape
                case Wire.newline: replacement = UInt8(ascii: "n")
                case Wire.carriageReturn: replacement = UInt8(ascii: "r")
                default: continue
                }
                bytes.append(contentsOf: utf8[start..<index])
                bytes.append(Wire.escape)
                bytes.append(replacement)
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
    }

    public mutating func base64(_ content: [UInt8]) { Base64.encode(content, into: &bytes) }

    public mutating func integer(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        unsigned(value.magnitude)
    }

    public mutating func unsigned(_ value: UInt64) {
        // A digit and the code of "0" fit a byte together: no check is needed.
        if value < 10 {
            bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
            return
        }
        let start = bytes.count
        var rest = value
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        bytes[start...].reverse()
    }

    public mutating func identifier(_ id: ObjectID) {
        if case .object(let number) = id {
            bytes.append(UInt8(ascii: "o"))
            unsigned(number)
        } else {
            raw(id.description)
        }
    }
}
