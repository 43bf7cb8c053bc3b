#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What Flink or the JDK gave for a list of cases; `Golden/generate.sh` writes the files.
enum Golden {
    static func lines(_ name: String, _ path: String = #filePath) -> [[String]] {
        let folder = path.prefix(upTo: path.lastIndex(of: "/")!)
        guard let file = fopen("\(folder)/Golden/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
