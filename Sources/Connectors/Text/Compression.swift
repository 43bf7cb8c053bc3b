import Dataflow
import Formats

/// How a file is packed, which its name tells, as in Flink's `StandardDeCompressors`.
enum Compression: Hashable, Sendable {
    case none
    case inflate(Inflater.Container)

    /// Fails for a packing that Flink reads and this runtime does not.
    init(ofFile path: String) throws(JobError) {
        let name = LocalPath.name(path).lowercased()
        guard let dot = name.lastIndex(of: ".") else {
            self = .none
            return
        }
        switch name[name.index(after: dot)...] {
        case "gz", "gzip": self = .inflate(.gzip)
        case "deflate": self = .inflate(.zlib)
        case "bz2": throw Self.unsupported("bzip2", path, "bunzip2")
        case "xz": throw Self.unsupported("xz", path, "unxz")
        case "zst", "zstd": throw Self.unsupported("Zstandard", path, "unzstd")
        default: self = .none
        }
    }

    private static func unsupported(_ codec: String, _ path: String, _ tool: String) -> JobError {
        JobError(
            code: "unsupported-codec",
            "\(path) is packed with \(codec), which cannot be read here; "
                + "unpack it with \(tool), or pack it with gzip")
    }
}
