extension ColumnBuilder {
    /// Appends one value of a column of the same layout.
    public func append(_ column: Column, at index: Int) {
        append(column, range: index..<index + 1)
    }

    /// Appends all values of a column of the same layout.
    public func append(_ column: Column) { append(column, range: 0..<column.count) }

    /// Appends values of a column of the same layout.
    public func append(_ column: Column, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= column.count)
        precondition(layout == column.type.layout, "\(column.type) appended to \(type)")
        if range.isEmpty { return }
        appendValidity(of: column, range)
        let count = range.count
        switch layout {
        case .none: break
        case .bits:
            bits.append(
                column.buffers[0].base, from: column.offset + range.lowerBound, count: count)
        case .fixed(let width):
            values.append(
                column.buffers[0].base + (column.offset + range.lowerBound) * width,
                count: count * width)
        case .variable:
            let offsets = column.offsets
            let first = offsets[range.lowerBound]
            let size = Int(offsets[range.upperBound] - first)
            let start = Int32(truncatingIfNeeded: data.count)
            data.append(column.data + Int(first), count: size)
            appendOffsets(offsets, range, moved: start &- first)
        case .list:
            let offsets = column.offsets
            let first = offsets[range.lowerBound]
            let elements = Int(first)..<Int(offsets[range.upperBound])
            let start = Int32(children[0].count)
            for (builder, child) in zip(children, column.children) {
                builder.append(child, range: elements)
            }
            appendOffsets(offsets, range, moved: start &- first)
        case .fields:
            let rows = column.offset + range.lowerBound..<column.offset + range.upperBound
            for (builder, child) in zip(children, column.children) {
                builder.append(child, range: rows)
            }
        }
        length += count
    }

    private func appendOffsets(
        _ offsets: UnsafeBufferPointer<Int32>, _ range: Range<Int>, moved: Int32
    ) {
        let target = values.appendUninitialized(range.count * 4)
            .assumingMemoryBound(to: Int32.self)
        // The sums are sizes of `data` or of the children, which stay below 2 GiB.
        for index in 0..<range.count {
            target[index] = offsets[range.lowerBound &+ index &+ 1] &+ moved
        }
    }

    private func appendValidity(of column: Column, _ range: Range<Int>) {
        let start = column.offset + range.lowerBound
        guard let source = column.validity,
            Bitmap.countOnes(source.base, from: start, count: range.count) < range.count
        else {
            if hasNulls { validity.append(repeating: true, count: range.count) }
            return
        }
        if !hasNulls { startNulls() }
        validity.append(source.base, from: start, count: range.count)
    }

    /// Makes room for exactly the values of `columns`, so that appending them copies once.
    func reserve(for columns: [Column]) {
        let count = columns.reduce(0) { $0 + $1.count }
        switch layout {
        case .none: break
        case .bits: bits.bytes.reserveExactly(Bitmap.byteCount(count))
        case .fixed(let width): values.reserveExactly(count * width)
        case .variable:
            values.reserve(count * 4)
            data.reserveExactly(
                columns.reduce(0) { $0 + Int($1.offsets[$1.count] - $1.offsets[0]) })
        case .list:
            values.reserve(count * 4)
            for (index, child) in children.enumerated() {
                child.reserve(
                    for: columns.map {
                        $0.children[index].slice(Int($0.offsets[0])..<Int($0.offsets[$0.count]))
                    })
            }
        case .fields:
            for (index, child) in children.enumerated() {
                child.reserve(for: columns.map { $0.field(index) })
            }
        }
    }
}
