extension Configuration {
    /// An amount of memory as Flink writes them: `1024`, `64 kb`, `128m`, `1 gb`.
    public func byteCount(_ key: String) throws(ValidationError) -> Int? {
        guard let text = values[key] else { return nil }
        let trimmed = text.filter { $0 != " " }.lowercased()
        let digits = trimmed.prefix { $0.isASCII && $0.isNumber }
        let shifts: [String: Int] = [
            "": 0, "b": 0, "bytes": 0, "k": 10, "kb": 10, "kibibytes": 10, "m": 20, "mb": 20,
            "mebibytes": 20, "g": 30, "gb": 30, "gibibytes": 30, "t": 40, "tb": 40,
            "tebibytes": 40,
        ]
        guard let number = Int(digits), let shift = shifts[String(trimmed.dropFirst(digits.count))],
            case (let bytes, false) = number.multipliedReportingOverflow(by: 1 << shift)
        else {
            throw ValidationError(
                "'\(key)' must be an amount of memory such as '128 mb', not '\(text)'.")
        }
        return bytes
    }

    /// A number between 0 and 1, both excluded.
    func fraction(_ key: String) throws(ValidationError) -> Double? {
        guard let text = values[key] else { return nil }
        guard let value = Double(text), value > 0, value < 1 else {
            throw ValidationError("'\(key)' must be a number between 0 and 1, not '\(text)'.")
        }
        return value
    }
}
