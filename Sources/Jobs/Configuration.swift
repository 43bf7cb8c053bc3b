import Dataflow

/// A job's settings, by Flink's keys (and `martlet.*` for ours), with typed access.
public struct Configuration: Sendable {
    public private(set) var values: [String: String] = [:]

    public init(_ values: [String: String] = [:]) { self.values = values }

    public subscript(key: String) -> String? {
        get { values[key] }
        set { values[key] = newValue }
    }

    public func integer(_ key: String) throws(ValidationError) -> Int? {
        guard let text = values[key] else { return nil }
        guard let value = Int(text) else {
            throw ValidationError("'\(key)' must be a whole number, not '\(text)'.")
        }
        return value
    }

    /// A duration as Flink writes them: `200`, `200 ms`, `10 s`, `1 min`, `2 h`, `1 d`.
    public func milliseconds(_ key: String) throws(ValidationError) -> Int64? {
        guard let text = values[key] else { return nil }
        let digits = text.prefix { $0.isNumber }
        let unit = text.dropFirst(digits.count).filter { $0 != " " }.lowercased()
        let factors: [String: Int64] = [
            "": 1, "ms": 1, "s": 1000, "sec": 1000, "min": 60_000, "m": 60_000, "h": 3_600_000,
            "d": 86_400_000,
        ]
        guard let number = Int64(digits), let factor = factors[unit],
            case (let value, false) = number.multipliedReportingOverflow(by: factor)
        else {
            throw ValidationError("'\(key)' must be a duration such as '200 ms', not '\(text)'.")
        }
        return value
    }

    public func boolean(_ key: String) throws(ValidationError) -> Bool? {
        guard let text = values[key] else { return nil }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw ValidationError("'\(key)' must be true or false, not '\(text)'.")
        }
    }
}

/// A job that cannot be built as it was asked for: raised at the call that asks.
public struct ValidationError: Error, Sendable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { message }
}

/// Runs `body`; what a connector finds wrong while a job is built is the call's fault.
public func validated<R>(_ body: () throws -> R) throws -> R {
    do {
        return try body()
    } catch let error as JobError {
        throw ValidationError(error.message)
    }
}
