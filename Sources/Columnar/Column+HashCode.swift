extension Column {
    /// `hashCode()` of each value as the Java object that Flink has for it; 0 for null.
    ///
    /// The classes are those of the DataStream API's `Types`: `java.sql.Date`, `Time` and
    /// `Timestamp` (in a JVM that runs in UTC), `BigDecimal`, `byte[]` as `Arrays.hashCode`, ….
    public func hashCodes() -> [Int32] { hashCodes(.plain) }

    /// `Row.of(key).hashCode()` of each value, by which PyFlink partitions a keyed stream.
    public func keyHashCodes() -> [Int32] {
        var codes = hashCodes(.inRow)
        codes.withUnsafeMutableBufferPointer { codes in
            for index in codes.indices { codes[index] &+= 31 }
        }
        return codes
    }
}

/// Java's own `hashCode`, or Flink's `RowUtils.deepHashCodeInternal`, which sees into arrays,
/// lists and maps, and starts anything else from 31.
private enum HashStyle { case plain, inRow }

private typealias Codes = UnsafeMutableBufferPointer<Int32>

// All sums and products below wrap around, as those of Java's int do.
extension Column {
    private func hashCodes(_ style: HashStyle) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: count) { codes, initialized in
            let codes = Codes(rebasing: codes[..<count])
            if count > 0 { hash(into: codes, style) }
            initialized = count
        }
    }

    /// Writes a code for each value.
    private func hash(into codes: Codes, _ style: HashStyle) {
        var isLeaf = true
        switch type.layout {
        case .none: codes.update(repeating: 0)
        case .list where children.count == 2:
            hashMaps(into: codes, style)
            isLeaf = false
        case .list:
            isLeaf = hashArrays(into: codes, style)
        case .fields: hashRows(into: codes)
        case .variable: hashBytes(into: codes)
        case .bits, .fixed: hashNumbers(into: codes)
        }
        if style == .inRow, isLeaf {
            for index in codes.indices { codes[index] &+= 31 }
        }
        if type.layout == .none {
            codes.update(repeating: 0)
        } else if validity != nil {
            for index in codes.indices where !isValid(index) { codes[index] = 0 }
        }
    }

    // MARK: Nested values

    /// - Returns: whether Flink's rows see the array as one value, as they do `int[]`.
    private func hashArrays(into codes: Codes, _ style: HashStyle) -> Bool {
        let offsets = offsets
        let first = offsets[0]
        let isPrimitive = !children[0].type.isNullable && children[0].type.isJavaPrimitive
        let elements = children[0].slice(Int(first)..<Int(offsets[count]))
            .hashCodes(isPrimitive ? .plain : style)
        elements.withUnsafeBufferPointer { elements in
            for index in 0..<count {
                var code: Int32 = 1
                for element in Int(offsets[index] &- first)..<Int(offsets[index + 1] &- first) {
                    code = 31 &* code &+ elements[element]
                }
                codes[index] = code
            }
        }
        return isPrimitive
    }

    private func hashMaps(into codes: Codes, _ style: HashStyle) {
        let offsets = offsets
        let first = offsets[0]
        let range = Int(first)..<Int(offsets[count])
        let keys = children[0].slice(range).hashCodes(style)
        let values = children[1].slice(range).hashCodes(style)
        for index in 0..<count {
            var code: Int32 = style == .inRow ? 1 : 0
            for entry in Int(offsets[index] &- first)..<Int(offsets[index + 1] &- first) {
                code &+= keys[entry] ^ values[entry]
            }
            codes[index] = code
        }
    }

    private func hashRows(into codes: Codes) {
        guard case .row(_, let style) = type.kind else { return }
        // Row: 31 · kind + the fields as an array, the kind of a value being that of an insertion.
        codes.update(repeating: style == .row ? 1 : 0)
        for index in children.indices {
            let field = field(index).hashCodes(style == .row ? .inRow : .plain)
            for row in codes.indices { codes[row] = 31 &* codes[row] &+ field[row] }
        }
    }

    // MARK: Bytes

    private func hashBytes(into codes: Codes) {
        switch type.layout {
        case .variable(.utf8):
            for index in codes.indices { codes[index] = JavaHash.string(bytes(index)) }
        case .variable(.integer):
            for index in codes.indices { codes[index] = JavaHash.bigInteger(bytes(index)) }
        case .variable(.decimal):
            for index in codes.indices { codes[index] = JavaHash.bigDecimal(bytes(index)) }
        default:
            for index in codes.indices { codes[index] = JavaHash.bytes(bytes(index)) }
        }
    }

    // MARK: Numbers and times

    private func hashNumbers(into codes: Codes) {
        switch type.kind {
        case .boolean:
            for index in codes.indices { codes[index] = bit(index) ? 1231 : 1237 }
        case .tinyInt: hash(Int8.self, into: codes) { Int32($0) }
        case .smallInt: hash(Int16.self, into: codes) { Int32($0) }
        case .int: hash(Int32.self, into: codes) { $0 }
        case .bigInt: hash(Int64.self, into: codes, JavaHash.long)
        case .float:
            hash(Float.self, into: codes) {
                Int32(bitPattern: $0.isNaN ? 0x7FC0_0000 : $0.bitPattern)
            }
        case .double:
            hash(Double.self, into: codes) {
                JavaHash.long(Int64(bitPattern: $0.isNaN ? 0x7FF8 << 48 : $0.bitPattern))
            }
        case .decimal(_, let scale):
            hash(Int128.self, into: codes) { JavaHash.decimal($0, scale: scale) }
        case .date: hash(Int32.self, into: codes) { JavaHash.long(Int64($0) &* 86_400_000) }
        case .time: hash(Int32.self, into: codes) { JavaHash.long(Int64($0)) }
        case .timestamp(let precision):
            let perMillisecond = TimestampUnit(precision: precision).perSecond / 1000
            hash(Int64.self, into: codes) { JavaHash.long($0.floored(by: perMillisecond).quotient) }
        case .timestampLtz(let precision):
            let perSecond = TimestampUnit(precision: precision).perSecond
            hash(Int64.self, into: codes) {
                let (seconds, rest) = $0.floored(by: perSecond)
                return JavaHash.instant(
                    seconds: seconds, nanoseconds: rest * (1_000_000_000 / perSecond))
            }
        case .instant:
            hash(Int128.self, into: codes) {
                let (seconds, rest) = $0.floored(by: 1_000_000_000)
                return JavaHash.instant(
                    seconds: Int64(truncatingIfNeeded: seconds), nanoseconds: Int64(rest))
            }
        case .yearMonthInterval:
            // java.time.Period of years and months.
            hash(Int32.self, into: codes) {
                let months = UInt32(bitPattern: $0 % 12)
                return $0 / 12 &+ Int32(bitPattern: months << 8 | months >> 24)
            }
        case .dayTimeInterval:
            // java.time.Duration.
            hash(Int64.self, into: codes) {
                let (seconds, rest) = $0.floored(by: 1000)
                return JavaHash.instant(seconds: seconds, nanoseconds: rest * 1_000_000)
            }
        default: codes.update(repeating: 0)
        }
    }

    @inline(__always)
    private func hash<T: BitwiseCopyable>(
        _ type: T.Type, into codes: Codes, _ code: (T) -> Int32
    ) {
        let values = values(as: T.self)
        for index in 0..<count { codes[index] = code(values[index]) }
    }
}

extension DataType {
    /// Whether Flink's arrays of it are arrays of a Java primitive, if it is not nullable.
    fileprivate var isJavaPrimitive: Bool {
        switch kind {
        case .boolean, .tinyInt, .smallInt, .int, .bigInt, .float, .double: true
        default: false
        }
    }
}
