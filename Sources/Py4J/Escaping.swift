/// Strings on the wire: `\n`, `\r` and `\\` stand for LF, CR and a backslash.
public enum Escaping {
    /// Undoes the escaping. A backslash before any other character disappears, as in Java; one at
    /// the very end does too. Bytes that are not UTF-8 become U+FFFD.
    public static func unescape(_ text: UnsafeRawBufferPointer) -> String {
        guard let first = text.firstIndex(of: Wire.escape) else {
            return String(decoding: text, as: UTF8.self)
        }
        let plain = [UInt8](unsafeUninitializedCapacity: text.count) { output, count in
            var written = 0
            for index in 0..<first {
                output[written] = text[index]
                written += 1
            }
            var index = first
            while index < text.count {
                var byte = text[index]
                index += 1
                if byte == Wire.escape {
                    guard index < text.count else { break }
                    byte = text[index]
                    index += 1
                    if byte == UInt8(ascii: "n") {
                        byte = Wire.newline
                    } else if byte == UInt8(ascii: "r") {
                        byte = Wire.carriageReturn
                    }
                }
                output[written] = byte
                written += 1
            }
            count = written
        }
        return String(decoding: plain, as: UTF8.self)
    }

    public static func unescape(_ text: String) -> String {
        var text = text
        return text.withUTF8 { unescape(UnsafeRawBufferPointer($0)) }
    }

    public static func escape(_ text: String) -> String {
        var writer = WireWriter()
        writer.escaped(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
