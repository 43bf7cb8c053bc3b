public import Dataflow
public import Formats

/// Which directory below the base path a row goes to: Flink's bucket assigners.
public enum BucketAssigner: Hashable, Sendable {
    /// The base path itself.
    case basePath
    /// A directory named after the time of writing.
    case dateTime(DateTimePattern, zone: TimeZoneRules)

    /// Flink's `DateTimeBucketAssigner`.
    ///
    /// - Parameters:
    ///   - format: a pattern of Java's `DateTimeFormatter`.
    ///   - zone: a time zone's name; nil: the machine's zone.
    public static func dateTime(
        format: String = "yyyy-MM-dd--HH", zone: String? = nil
    ) throws(JobError) -> BucketAssigner {
        let pattern: DateTimePattern
        do { pattern = try DateTimePattern(format) } catch {
            throw JobError(code: "illegal-argument", error.message)
        }
        let rules: TimeZoneRules
        do { rules = try zone.map(TimeZoneRules.init(named:)) ?? .system() } catch {
            throw JobError(code: "illegal-argument", error.message)
        }
        return .dateTime(pattern, zone: rules)
    }

    /// The bucket of rows written at `now` (milliseconds); empty: the base path.
    func bucket(at now: Int64) -> String {
        switch self {
        case .basePath: ""
        case .dateTime(let pattern, let zone): pattern.format(zone.civilTime(now))
        }
    }
}
