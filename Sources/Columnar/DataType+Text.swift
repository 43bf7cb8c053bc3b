extension DataType: CustomStringConvertible {
    /// The type in the grammar of `docs/types.md`, as Flink's `asSerializableString()` writes it.
    ///
    /// `DataType(parsing:)` of it gives the same type.
    public var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        kind.write(to: &text)
        if !isNullable { text += " NOT NULL" }
    }
}

extension DataType.Kind {
    fileprivate func write(to text: inout String) {
        switch self {
        case .boolean: text += "BOOLEAN"
        case .tinyInt: text += "TINYINT"
        case .smallInt: text += "SMALLINT"
        case .int: text += "INT"
        case .bigInt: text += "BIGINT"
        case .float: text += "FLOAT"
        case .double: text += "DOUBLE"
        case .decimal(let precision, let scale): text += "DECIMAL(\(precision), \(scale))"
        case .bigInteger: text += "BIG_INTEGER"
        case .bigDecimal: text += "BIG_DECIMAL"
        case .char(let length): text += "CHAR(\(length))"
        case .varchar(let length): text += "VARCHAR(\(length))"
        case .binary(let length): text += "BINARY(\(length))"
        case .varbinary(let length): text += "VARBINARY(\(length))"
        case .pickled: text += "PICKLED"
        case .raw(let className, let snapshot):
            text += "RAW("
            className.writeQuoted(by: "'", to: &text)
            text += ", "
            snapshot.writeQuoted(by: "'", to: &text)
            text += ")"
        case .date: text += "DATE"
        case .time(let precision): text += "TIME(\(precision))"
        case .timestamp(let precision): text += "TIMESTAMP(\(precision))"
        case .timestampLtz(let precision): text += "TIMESTAMP_LTZ(\(precision))"
        case .instant: text += "INSTANT"
        case .yearMonthInterval(let precision): text += "INTERVAL YEAR(\(precision)) TO MONTH"
        case .dayTimeInterval(let day, let second):
            text += "INTERVAL DAY(\(day)) TO SECOND(\(second))"
        case .array(let element, let style):
            Self.write(style == .list ? "LIST" : "ARRAY", [element], to: &text)
        case .map(let key, let value): Self.write("MAP", [key, value], to: &text)
        case .multiset(let element): Self.write("MULTISET", [element], to: &text)
        case .row(let fields, .tuple): Self.write("TUPLE", fields.map(\.type), to: &text)
        case .row(let fields, .row):
            text += "ROW<"
            for (index, field) in fields.enumerated() {
                if index > 0 { text += ", " }
                field.name.writeQuoted(by: "`", to: &text)
                text += " \(field.type)"
                if let comment = field.comment {
                    text += " "
                    comment.writeQuoted(by: "'", to: &text)
                }
            }
            text += ">"
        case .null: text += "NULL"
        }
    }

    private static func write(_ name: String, _ types: [DataType], to text: inout String) {
        text += name
        text += "<"
        for (index, type) in types.enumerated() {
            if index > 0 { text += ", " }
            text += type.description
        }
        text += ">"
    }
}

extension String {
    /// The string between quotes, those inside it doubled.
    fileprivate func writeQuoted(by quote: Character, to text: inout String) {
        text.append(quote)
        for scalar in unicodeScalars {
            text.unicodeScalars.append(scalar)
            if Character(scalar) == quote { text.append(quote) }
        }
        text.append(quote)
    }
}
