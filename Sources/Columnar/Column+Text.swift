extension Column {
    /// Appends a value as Flink prints it.
    ///
    /// Where Java would print the address of an array, its elements are printed as within a row.
    /// For all values of a column, `text(style:)` is faster.
    public func appendText(_ index: Int, to out: inout [UInt8], style: TextStyle = .java) {
        precondition(index >= 0 && index < count)
        TextPrinter.with(self, style) { printer in
            TextBuffer.append(to: &out) { printer.append(index, to: &$0) }
        }
    }

    /// Each value as Flink prints it, as strings; nulls are the text `null` or `None`.
    public func text(style: TextStyle = .java) -> Column {
        TextPrinter.with(self, style) { printer in
            var data = Buffer.empty
            let offsets = Buffer(count: count + 1, of: Int32.self) { offsets in
                offsets[0] = 0
                data = TextBuffer.buffer { text in
                    for index in 0..<count {
                        printer.append(index, to: &text)
                        offsets[index + 1] = Int32(text.count)
                    }
                }
            }
            return Column(
                type: .string.notNull(), count: count, validity: nil, buffers: [offsets, data])
        }
    }
}

extension Batch {
    /// Appends each row as a line of its own, as Flink's print sink writes it: `prefix`, the
    /// row, and a line feed.
    ///
    /// A batch of one column prints its values, rows among them with their kind; a batch of
    /// several prints as rows: `+I[1, a]`.
    public func appendLines(
        to out: inout [UInt8], prefix: [UInt8] = [], style: TextStyle = .java
    ) {
        let record: Column
        if columns.count == 1 {
            record = columns[0]
        } else {
            let fields = columns.enumerated().map { DataType.Field("f\($0)", $1.type) }
            record = Column(
                type: DataType(.row(fields, style: .row)), count: count, validity: nil,
                buffers: [], children: columns)
        }
        TextPrinter.with(record, style) { printer in
            TextBuffer.append(to: &out) { text in
                prefix.withUnsafeBytes { prefix in
                    for row in 0..<count {
                        text.append(contentsOf: prefix)
                        printer.append(row, to: &text, kind: rowKind(row))
                        text.append(UInt8(ascii: "\n"))
                    }
                }
            }
        }
    }
}

extension TextPrinter {
    func append(_ index: Int, to out: inout TextBuffer, kind: RowKind = .insert) {
        if style == .python {
            appendPython(index, to: &out, kind: kind)
        } else {
            appendJava(index, to: &out, kind: kind)
        }
    }
}
