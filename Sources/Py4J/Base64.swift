/// Standard Base64 (RFC 4648 §4) with padding: how byte arrays travel.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Sextet of each ASCII character; 0xFF where there is none.
    private static let sextets: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    public static func encode(_ content: [UInt8], into output: inout [UInt8]) {
        output.reserveCapacity(output.count + (content.count + 2) / 3 * 4)
        content.withUnsafeBufferPointer { source in
            alphabet.withUnsafeBufferPointer { alphabet in
                var index = 0
                while index + 2 < source.count {
                    let group =
                        UInt32(source[index]) << 16 | UInt32(source[index + 1]) << 8
                        | UInt32(source[index + 2])
                    output.append(alphabet[Int(group >> 18)])
                    output.append(alphabet[Int(group >> 12 & 63)])
                    output.append(alphabet[Int(group >> 6 & 63)])
                    output.append(alphabet[Int(group & 63)])
                    index += 3
                }
                guard index < source.count else { return }
                let hasSecond = index + 1 < source.count
                let group =
                    UInt32(source[index]) << 16 | (hasSecond ? UInt32(source[index + 1]) << 8 : 0)
                output.append(alphabet[Int(group >> 18)])
                output.append(alphabet[Int(group >> 12 & 63)])
                output.append(hasSecond ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
                output.append(UInt8(ascii: "="))
            }
        }
    }

    /// - Returns: nil if a character is not of the alphabet, or the length or padding is wrong.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        guard text.count > 0 else { return [] }
        var padding = 0
        if text[text.count - 1] == UInt8(ascii: "=") {
            padding = text[text.count - 2] == UInt8(ascii: "=") ? 2 : 1
        }
        let size = text.count / 4 * 3 - padding
        var isValid = true
        let content = [UInt8](unsafeUninitializedCapacity: size) { output, count in
            sextets.withUnsafeBufferPointer { sextets in
                var written = 0
                for start in stride(from: 0, to: text.count, by: 4) {
                    let isLast = start + 4 == text.count
                    var group: UInt32 = 0
                    for offset in 0..<4 {
                        if isLast, offset >= 4 - padding {
                            group <<= 6
                            continue
                        }
                        let sextet = sextets[Int(text[start + offset])]
                        guard sextet != 0xFF else {
                            isValid = false
                            return
                        }
                        group = group << 6 | UInt32(sextet)
                    }
                    for shift in [16, 8, 0] as [UInt32] where written < size {
                        output[written] = UInt8(truncatingIfNeeded: group >> shift)
                        written += 1
                    }
                }
                count = written
            }
        }
        return isValid ? content : nil
    }
}
