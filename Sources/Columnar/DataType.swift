/// The type of a column: what it holds, and whether it may hold nulls.
///
/// The kinds are Flink's logical types, and the few of the DataStream API's `TypeInformation`
/// that they do not cover. `docs/types.md` gives the text form and the memory layout of each.
public struct DataType: Hashable, Sendable {
    public var kind: Kind
    public var isNullable: Bool

    public init(_ kind: Kind, nullable: Bool = true) {
        self.kind = kind
        self.isNullable = nullable
    }

    public indirect enum Kind: Hashable, Sendable {
        case boolean
        case tinyInt, smallInt, int, bigInt
        case float, double
        case decimal(precision: Int, scale: Int)
        /// Integers and decimals of any size, kept as decimal digits.
        case bigInteger, bigDecimal
        case char(Int), varchar(Int)
        case binary(Int), varbinary(Int)
        /// A Python value without a declared type, as its pickle.
        case pickled
        case raw(className: String, snapshot: String)
        case date
        case time(precision: Int)
        case timestamp(precision: Int)
        case timestampLtz(precision: Int)
        /// A point in time with nanoseconds over its full range: `java.time.Instant`.
        case instant
        case yearMonthInterval(precision: Int)
        case dayTimeInterval(dayPrecision: Int, secondPrecision: Int)
        case array(DataType, style: ArrayStyle)
        case map(key: DataType, value: DataType)
        case multiset(DataType)
        case row([Field], style: RowStyle)
        case null
    }

    /// How a sequence prints, and which Python value stands for it.
    public enum ArrayStyle: Hashable, Sendable { case array, list }
    /// How a record prints, and which Python value stands for it.
    public enum RowStyle: Hashable, Sendable { case row, tuple }

    public struct Field: Hashable, Sendable {
        public var name: String
        public var type: DataType
        public var comment: String?

        public init(_ name: String, _ type: DataType, comment: String? = nil) {
            self.name = name
            self.type = type
            self.comment = comment
        }
    }

    /// `STRING` and `BYTES` are the varying types of this length.
    public static let maxLength = Int(Int32.max)

    public static let boolean = DataType(.boolean)
    public static let tinyInt = DataType(.tinyInt)
    public static let smallInt = DataType(.smallInt)
    public static let int = DataType(.int)
    public static let bigInt = DataType(.bigInt)
    public static let float = DataType(.float)
    public static let double = DataType(.double)
    public static let string = DataType(.varchar(maxLength))
    public static let bytes = DataType(.varbinary(maxLength))
    public static let pickled = DataType(.pickled)

    public func notNull() -> DataType { DataType(kind, nullable: false) }
}
