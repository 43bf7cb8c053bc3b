@testable import Columnar

/// A type of each kind and each nesting that has code of its own.
let sampleTypes: [DataType] = [
    "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT NOT NULL", "FLOAT", "DOUBLE",
    "DECIMAL(20, 2)", "BIG_INTEGER", "BIG_DECIMAL", "CHAR(3)", "STRING", "STRING NOT NULL",
    "BINARY(2)", "BYTES", "PICKLED", "RAW('a', 'b')", "DATE", "TIME(3)", "TIMESTAMP(3)",
    "TIMESTAMP(6)", "TIMESTAMP(9)", "TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ(6)", "TIMESTAMP_LTZ(9)",
    "INSTANT", "INTERVAL YEAR TO MONTH", "INTERVAL DAY TO SECOND", "NULL", "ARRAY<INT>",
    "LIST<STRING>", "ARRAY<BOOLEAN>", "ARRAY<ARRAY<STRING>>", "MAP<STRING NOT NULL, BIGINT>",
    "MULTISET<STRING>", "ROW<a INT, b STRING>", "ROW<>", "TUPLE<BOOLEAN, ROW<a ARRAY<INT>>>",
    "ARRAY<ROW<a STRING, b BOOLEAN>>", "MAP<INT NOT NULL, MAP<STRING NOT NULL, DOUBLE>>",
    "ARRAY<NULL>",
].map { try! DataType(parsing: $0) }

extension Value {
    static func random(_ type: DataType, using random: inout SplitMix64) -> Value {
        if type.isNullable, Int.random(in: 0..<5, using: &random) == 0 { return .null }
        switch type.layout {
        case .none: return .null
        case .bits: return .boolean(.random(using: &random))
        case .fixed(let width):
            switch type.kind {
            case .float: return .float(Float.random(in: -9...9, using: &random))
            case .double: return .double(Double.random(in: -9...9, using: &random))
            case .date, .time: return .integer(.random(in: 0..<10_000, using: &random))
            default: break
            }
            if width == 16 {
                return .wide(Int128(Int64.random(in: .min ... .max, using: &random)) * 1000)
            }
            return .integer(
                .random(in: .min ... .max, using: &random) >> Int64(64 - 8 * width))
        case .variable(.integer):
            return .string(String(Int64.random(in: .min ... .max, using: &random)))
        case .variable(.decimal):
            return .string("\(Int.random(in: -99...99, using: &random)).25")
        case .variable(.utf8):
            let pieces = ["a", "xyz", "é", "漢", "😀", "0123456789", ""]
            let count = Int.random(in: 0..<4, using: &random)
            return .string(
                (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined())
        case .variable(.bytes):
            let count = Int.random(in: 0..<30, using: &random)
            return .bytes((0..<count).map { _ in .random(in: 0...255, using: &random) })
        case .list:
            let children = type.childTypes
            let count = Int.random(in: 0..<4, using: &random)
            if children.count == 1 {
                return .list((0..<count).map { _ in .random(children[0], using: &random) })
            }
            return .map(
                (0..<count).map { _ in
                    Entry(
                        .random(children[0], using: &random), .random(children[1], using: &random))
                })
        case .fields: return .row(type.childTypes.map { .random($0, using: &random) })
        }
    }
}

extension Column {
    /// A slice from the middle of a random column, so that offsets are not 0.
    static func random(
        _ type: DataType, count: Int, using random: inout SplitMix64
    ) -> Column {
        let before = Int.random(in: 0..<20, using: &random)
        let values = (0..<before + count + 3).map { _ in Value.random(type, using: &random) }
        return Column(values, type: type).slice(before..<before + count)
    }
}

extension Batch {
    var rows: [[Value]] { (0..<count).map { row in columns.map { $0.value(at: row) } } }
}
