public import Dataflow
import Formats

/// A file sink as its settings describe it.
public typealias FileSinkOptions = FileSink.Options

extension FileSink.Options {
    /// The settings that there are; times in milliseconds, sizes in bytes.
    static let keys = [
        "path", "part-prefix", "part-suffix", "rolling.part-size", "rolling.rollover-interval-ms",
        "rolling.inactivity-interval-ms", "rolling.on-checkpoint", "bucket-assigner",
        "bucket-format", "bucket-zone", "charset", "framing", "header",
    ]

    /// Reads settings given as text, with Flink's defaults: buckets by the hour, parts of 128 MiB
    /// or a minute. Fails for what is unknown or makes no sense.
    public init(settings: [String: String]) throws(JobError) {
        for key in settings.keys.sorted() where !Self.keys.contains(key) {
            let similar = MissingPath.similarNames(to: key, in: Self.keys)
            throw JobError(
                code: "illegal-argument",
                "a file sink has no option '\(key)'"
                    + (similar.first.map { "; did you mean '\($0)'?" }
                        ?? "; it has " + Self.keys.joined(separator: ", ")))
        }
        guard let path = settings["path"] else {
            throw JobError(code: "illegal-argument", "a file sink needs the option 'path'")
        }
        self.init(path: path)
        _ = try LocalPath.parse(path)
        partPrefix = settings["part-prefix"] ?? partPrefix
        partSuffix = settings["part-suffix"] ?? partSuffix
        for (key, value) in [("part-prefix", partPrefix), ("part-suffix", partSuffix)]
        where value.contains("/") {
            throw JobError(
                code: "illegal-argument",
                "the option '\(key)' is part of a file's name and cannot have a '/': \(value)")
        }
        rolling = try Self.rolling(settings)
        buckets = try Self.buckets(settings)
        if let name = settings["charset"] {
            guard let known = Charset(named: name) else {
                throw JobError(
                    code: "illegal-argument",
                    "the charset \(name) is not known; those that are: " + Charset.supportedNames)
            }
            charset = known
        }
        if let digits = settings["header"] { header = try Self.header(digits) }
        framing = try Self.framing(settings["framing"], header: header)
    }

    /// Reads settings as `init` does, and checks that a sink can be made of them.
    @discardableResult
    public static func validate(
        _ settings: [String: String]
    ) throws(JobError) -> FileSink.Options {
        let options = try FileSink.Options(settings: settings)
        _ = try FileSink(options)
        return options
    }

    private static func rolling(_ settings: [String: String]) throws(JobError) -> RollingPolicy {
        func positive(_ key: String) throws(JobError) -> Int64? {
            guard let text = settings[key] else { return nil }
            guard let value = Int64(text), value > 0 else {
                throw JobError(
                    code: "illegal-argument",
                    "the option '\(key)' must be a positive whole number, and is '\(text)'")
            }
            return value
        }
        var policy = RollingPolicy()
        policy.partSize = try positive("rolling.part-size") ?? policy.partSize
        policy.rolloverInterval =
            try positive("rolling.rollover-interval-ms") ?? policy.rolloverInterval
        policy.inactivityInterval =
            try positive("rolling.inactivity-interval-ms") ?? policy.inactivityInterval
        switch settings["rolling.on-checkpoint"]?.lowercased() {
        case "true": return .onCheckpoint
        case nil, "false": return policy
        case let other?:
            throw JobError(
                code: "illegal-argument",
                "the option 'rolling.on-checkpoint' must be true or false, and is '\(other)'")
        }
    }

    /// Bytes as hexadecimal digits.
    private static func header(_ digits: String) throws(JobError) -> [UInt8] {
        let values = digits.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard values.count.isMultiple(of: 2), !values.contains(nil) else {
            throw JobError(
                code: "illegal-argument",
                "the option 'header' must be bytes in hexadecimal digits, and is '\(digits)'")
        }
        return stride(from: 0, to: values.count, by: 2).map {
            (values[$0] ?? 0) << 4 | (values[$0 + 1] ?? 0)
        }
    }

    private static func framing(
        _ name: String?, header: [UInt8]
    ) throws(JobError) -> PartFraming {
        switch name ?? "lines" {
        case "lines": return .lines
        case "concatenated": return .concatenated
        case "avro":
            guard header.count >= 16 else {
                throw JobError(
                    code: "illegal-argument",
                    "Avro files need a header, whose last 16 bytes are the marker between blocks")
            }
            return .avroBlocks(marker: Array(header.suffix(16)))
        case let other:
            throw JobError(
                code: "illegal-argument",
                "the option 'framing' must be lines, concatenated or avro, and is '\(other)'")
        }
    }

    private static func buckets(_ settings: [String: String]) throws(JobError) -> BucketAssigner {
        switch settings["bucket-assigner"] ?? "date-time" {
        case "base-path": return .basePath
        case "date-time":
            return try .dateTime(
                format: settings["bucket-format"] ?? "yyyy-MM-dd--HH", zone: settings["bucket-zone"]
            )
        case let other:
            throw JobError(
                code: "illegal-argument",
                "the option 'bucket-assigner' must be base-path or date-time, and is '\(other)'")
        }
    }
}
