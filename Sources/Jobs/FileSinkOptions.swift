public import Connectors
import Formats

extension FileSink.Options {
    /// Reads the options of `docs/facade.md`.
    public init(_ options: [String: String]) throws {
        let settings = Configuration(options)
        guard let path = settings["path"] else {
            throw ValidationError("A file sink needs a 'path'.")
        }
        self.init(path: path)
        if let prefix = settings["part-prefix"] { partPrefix = prefix }
        if let suffix = settings["part-suffix"] { partSuffix = suffix }
        if let name = settings["charset"] {
            guard let known = Charset(named: name) else {
                throw ValidationError(
                    "The charset \(name) is not known; those that are: \(Charset.supportedNames)")
            }
            charset = known
        }
        if try settings.boolean("rolling.on-checkpoint") ?? false {
            rolling = .onCheckpoint
        } else {
            if let size = try settings.integer("rolling.part-size") {
                rolling.partSize = Int64(size)
            }
            if let interval = try settings.integer("rolling.rollover-interval-ms") {
                rolling.rolloverInterval = Int64(interval)
            }
            if let interval = try settings.integer("rolling.inactivity-interval-ms") {
                rolling.inactivityInterval = Int64(interval)
            }
        }
        switch settings["bucket-assigner"] ?? "base-path" {
        case "base-path": buckets = .basePath
        case "date-time":
            buckets = try validated {
                try .dateTime(
                    format: settings["bucket-format"] ?? "yyyy-MM-dd--HH",
                    zone: settings["bucket-zone"])
            }
        case let other:
            throw ValidationError(
                "'bucket-assigner' must be base-path or date-time, not '\(other)'.")
        }
    }
}
