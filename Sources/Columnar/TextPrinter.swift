/// Whose text form of values is meant.
public enum TextStyle: Hashable, Sendable {
    /// `toString()` of the DataStream API's classes: `java.sql.Date` and its like.
    case java
    /// The same, with the classes of `java.time` that the Table API uses: `LocalDateTime`, ….
    case javaTime
    /// `str()` of the Python values, which PyFlink's `print()` shows within rows.
    case python
}

/// A column made ready for printing: what to do is decided once, so that a value costs a jump.
///
/// It consists of plain pointers, so that printing touches no reference counts. They point into
/// the column and into memory of its own: `with(_:_:_:)` gives it exactly the time it may live.
struct TextPrinter {
    /// Without payload, so that switching over it touches no reference counts.
    enum Operation {
        case null, boolean, int8, int16, int32, int64, float, double, decimal, plainDecimal, text
        case bytes, date, time, timestamp, timestampLtz, instant, months, milliseconds
        case list, map, row, tuple
    }

    let operation: Operation
    let style: TextStyle
    /// The first value, or the first offset, of the slice.
    let values: UnsafeRawPointer
    /// What offsets point into.
    let data: UnsafeRawPointer
    let validity: UnsafeRawPointer?
    let bitOffset: Int
    /// The scale of a decimal; the steps of a timestamp in a second.
    let parameter: Int64
    let children: UnsafeMutableBufferPointer<TextPrinter>
    /// `name=`, for the fields of rows as Python shows them within other values.
    let labels: UnsafeMutableBufferPointer<UnsafeMutableRawBufferPointer>

    /// Calls `body` with a printer for `column`.
    static func with<R>(_ column: Column, _ style: TextStyle, _ body: (TextPrinter) -> R) -> R {
        withExtendedLifetime(column) {
            let printer = TextPrinter(column, style)
            defer { printer.deallocate() }
            return body(printer)
        }
    }

    private func deallocate() {
        for child in children { child.deallocate() }
        for label in labels { label.deallocate() }
        children.deallocate()
        labels.deallocate()
    }

    private init(_ column: Column, _ style: TextStyle) {
        let layout = column.type.layout
        self.style = style
        validity = column.validity?.base
        bitOffset = column.offset
        let buffer = column.buffers.first?.base ?? Buffer.empty.base
        data = column.buffers.count > 1 ? column.buffers[1].base : buffer
        switch layout {
        case .fixed(let width): values = buffer + column.offset * width
        case .variable, .list: values = buffer + column.offset * 4
        case .bits, .none, .fields: values = buffer
        }
        var parameter: Int64 = 0
        var names: [String] = []
        switch column.type.kind {
        case .null: operation = .null
        case .boolean: operation = .boolean
        case .tinyInt: operation = .int8
        case .smallInt: operation = .int16
        case .int: operation = .int32
        case .bigInt: operation = .int64
        case .float: operation = .float
        case .double: operation = .double
        case .decimal(_, let scale):
            operation = .decimal
            parameter = Int64(scale)
        case .bigDecimal: operation = .plainDecimal
        case .bigInteger: operation = style == .python ? .plainDecimal : .text
        case .char, .varchar: operation = .text
        case .binary, .varbinary, .pickled, .raw: operation = .bytes
        case .date: operation = .date
        case .time:
            operation = .time
            parameter = 1000
        case .timestamp(let precision):
            operation = .timestamp
            parameter = TimestampUnit(precision: precision).perSecond
        case .timestampLtz(let precision):
            operation = style == .python ? .timestamp : .timestampLtz
            parameter = TimestampUnit(precision: precision).perSecond
        case .instant: operation = .instant
        case .yearMonthInterval: operation = .months
        case .dayTimeInterval: operation = .milliseconds
        case .array: operation = .list
        case .map, .multiset: operation = .map
        case .row(let fields, let rowStyle):
            operation = rowStyle == .row ? .row : .tuple
            names = fields.map { $0.name + "=" }
        }
        self.parameter = parameter
        labels = .allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            let label = UnsafeMutableRawBufferPointer.allocate(
                byteCount: name.utf8.count, alignment: 1)
            label.copyBytes(from: name.utf8)
            labels.initializeElement(at: index, to: label)
        }
        children = .allocate(capacity: column.children.count)
        for index in column.children.indices {
            let child = layout == .fields ? column.field(index) : column.children[index]
            children.initializeElement(at: index, to: TextPrinter(child, style))
        }
    }

    @inline(__always)
    func isNull(_ index: Int) -> Bool {
        if operation == .null { return true }
        guard let validity else { return false }
        return !Bitmap.get(validity, bitOffset &+ index)
    }

    @inline(__always)
    func value<T>(_ type: T.Type, _ index: Int) -> T {
        (values + index &* MemoryLayout<T>.stride).assumingMemoryBound(to: T.self).pointee
    }

    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        Int(value(Int32.self, index))..<Int(value(Int32.self, index &+ 1))
    }

    @inline(__always)
    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let range = range(index)
        return UnsafeRawBufferPointer(start: data + range.lowerBound, count: range.count)
    }

    func civil(_ index: Int) -> CivilTime {
        switch operation {
        case .time: CivilTime(Int64(value(Int32.self, index)), perSecond: parameter)
        case .instant:
            {
                let (seconds, rest) = value(Int128.self, index).floored(by: 1_000_000_000)
                return CivilTime(
                    seconds: Int64(truncatingIfNeeded: seconds), nanosecond: Int64(rest))
            }()
        default: CivilTime(value(Int64.self, index), perSecond: parameter)
        }
    }
}
