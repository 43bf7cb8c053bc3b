/// Builds a column of any type, value by value or in bulk.
///
/// ```
/// let names = ColumnBuilder(.string)
/// names.append("a")
/// names.appendNull()
/// let column = names.finish()
/// ```
///
/// Nested values are built through `children`: append to them, then close the value with
/// `appendList()` (arrays, lists, maps, multisets) or `appendRow()` (rows and tuples).
///
/// A builder belongs to one thread. The type of what is appended must have the width of the
/// column's values: debug builds assert it for each value, and `finish()` always checks the sum.
/// Strings and bytes of one column are limited to 2 GiB by their offsets; split batches earlier.
public final class ColumnBuilder {
    public let type: DataType
    public let layout: Layout
    /// Builders of the elements, of keys and values, or of the fields.
    public let children: [ColumnBuilder]

    // Only this class's methods touch these, never while one of them is at work already.
    @exclusivity(unchecked) @usableFromInline var length = 0
    /// Fixed-width values, or the offsets of variable-length ones.
    @exclusivity(unchecked) @usableFromInline var values = GrowableBytes()
    @exclusivity(unchecked) @usableFromInline var data = GrowableBytes(limit: Int(Int32.max))
    @exclusivity(unchecked) @usableFromInline var bits = GrowableBits()
    /// Written only once there is a null.
    @exclusivity(unchecked) @usableFromInline var validity = GrowableBits()
    @exclusivity(unchecked) @usableFromInline var hasNulls = false

    /// - Parameter capacity: the number of values to make room for at once.
    public init(_ type: DataType, capacity: Int = 0) {
        self.type = type
        self.layout = type.layout
        self.children = type.childTypes.map { ColumnBuilder($0) }
        start()
        if capacity > 0 { reserve(capacity) }
    }

    deinit {
        values.deallocate()
        data.deallocate()
        bits.deallocate()
        validity.deallocate()
    }

    /// The number of values so far.
    @inlinable public var count: Int { length }

    /// The bytes of the values so far, children included, validity not.
    public var byteCount: Int {
        values.count + data.count + bits.bytes.count + children.reduce(0) { $0 + $1.byteCount }
    }

    private func start() {
        switch layout {
        case .variable, .list: values.append(0 as Int32)
        default: break
        }
    }

    /// Makes room for `count` more values, and for `bytes` more bytes that they consist of.
    public func reserve(_ count: Int, bytes: Int = 0) {
        switch layout {
        case .none: break
        case .bits: bits.bytes.reserve(Bitmap.byteCount(count))
        case .fixed(let width): values.reserve(count * width)
        case .variable:
            values.reserve(count * 4)
            data.reserve(bytes)
        case .list: values.reserve(count * 4)
        case .fields: for child in children { child.reserve(count) }
        }
    }

    // MARK: Nulls

    @inlinable @inline(__always)
    func didAppendValid() {
        length &+= 1
        if hasNulls { validity.append(true) }
    }

    @usableFromInline
    func startNulls() {
        hasNulls = true
        validity.append(repeating: true, count: length)
    }

    /// Appends a null. The fields of a null row are null, too.
    @inlinable
    public func appendNull() {
        if !hasNulls { startNulls() }
        appendPlaceholder()
        validity.append(false)
        length &+= 1
    }

    @usableFromInline
    func appendPlaceholder() {
        switch layout {
        case .none: break
        case .bits: bits.append(false)
        case .fixed(let width): values.append(zeros: width)
        case .variable: values.append(Int32(truncatingIfNeeded: data.count))
        case .list: values.append(Int32(children[0].count))
        case .fields: for child in children { child.appendNull() }
        }
    }

    public func appendNulls(_ count: Int) {
        for _ in 0..<count { appendNull() }
    }

    // MARK: Nested values

    /// Closes an array, list, map or multiset: its elements are what was appended to the
    /// children since the last one was closed.
    @inlinable
    public func appendList() {
        assert(layout == .list && children.allSatisfy { $0.count == children[0].count })
        values.append(Int32(children[0].count))
        didAppendValid()
    }

    /// Closes a row or a tuple: its fields are what was last appended to the children.
    @inlinable
    public func appendRow() {
        assert(layout == .fields && children.allSatisfy { $0.count == count + 1 })
        didAppendValid()
    }

    // MARK: The result

    /// The column of all values appended. The builder is empty again and may be used anew.
    public func finish() -> Column {
        let count = length
        let validity: Buffer? = hasNulls ? self.validity.take() : nil
        let buffers: [Buffer]
        switch layout {
        case .none, .fields: buffers = []
        case .bits:
            precondition(bits.count == count)
            buffers = [bits.take()]
        case .fixed(let width):
            precondition(values.count == count * width, "values of another width than \(type)")
            buffers = [values.take()]
        case .variable:
            precondition(values.count == (count + 1) * 4)
            buffers = [values.take(), data.take()]
        case .list:
            precondition(values.count == (count + 1) * 4)
            buffers = [values.take()]
        }
        let children = children.map { $0.finish() }
        if layout == .fields {
            precondition(children.allSatisfy { $0.count == count }, "fields of unequal length")
        }
        length = 0
        hasNulls = false
        start()
        return Column(
            type: type, count: count, validity: validity, buffers: buffers, children: children)
    }
}
