import CArrow

extension DataType {
    /// Fills an `ArrowSchema` for columns of this type. Whoever takes it calls its `release`.
    public func exportArrow(name: String = "", to schema: UnsafeMutablePointer<ArrowSchema>) {
        exportArrow(name: name, isNullable: isNullable, to: schema)
    }

    fileprivate func exportArrow(
        name: String, isNullable: Bool, to schema: UnsafeMutablePointer<ArrowSchema>
    ) {
        var children: [(name: String, type: DataType, isNullable: Bool)] = []
        switch kind {
        case .array(let element, _): children = [("item", element, element.isNullable)]
        case .map, .multiset:
            // Arrow wants a child of pairs, and neither pairs nor keys that are null.
            let types = childTypes
            let entries = DataType(
                .row([Field("key", types[0].notNull()), Field("value", types[1])], style: .row),
                nullable: false)
            children = [("entries", entries, false)]
        case .row(let fields, _):
            children = fields.map { ($0.name, $0.type, $0.type.isNullable) }
        default: break
        }
        var pairs: [(key: String, value: String)] = []
        if let suffix = ArrowFormat.extensionSuffix(kind) {
            pairs = [
                (ArrowFormat.extensionName, ArrowFormat.extensionPrefix + suffix),
                (ArrowFormat.extensionMetadata, description),
            ]
        }
        let memory = ExportedSchema(
            format: ArrowFormat.format(kind), name: name,
            metadata: pairs.isEmpty ? nil : ArrowFormat.metadata(pairs), childCount: children.count)
        for (index, child) in children.enumerated() {
            child.type.exportArrow(
                name: child.name, isNullable: child.isNullable, to: memory.children[index]!)
        }
        schema.initialize(
            to: ArrowSchema(
                format: memory.format, name: memory.name, metadata: memory.metadata,
                flags: isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0,
                n_children: Int64(children.count),
                children: children.isEmpty ? nil : memory.children, dictionary: nil,
                release: { schema in
                    guard let schema, schema.pointee.release != nil else { return }
                    Unmanaged<ExportedSchema>.fromOpaque(schema.pointee.private_data).release()
                    schema.pointee.release = nil
                },
                private_data: Unmanaged.passRetained(memory).toOpaque()))
    }
}

extension Column {
    /// Fills an `ArrowArray` that shares this column's memory, which stays until whoever takes
    /// it calls its `release`. `type.exportArrow` gives the schema.
    public func exportArrow(to array: UnsafeMutablePointer<ArrowArray>) {
        let layout = type.layout
        var children = children
        if layout == .list, children.count == 2 {
            // The child of pairs that Arrow wants.
            let entries = DataType(
                .row(
                    [.init("key", children[0].type), .init("value", children[1].type)], style: .row),
                nullable: false)
            children = [
                Column(
                    type: entries, count: children[0].count, validity: nil, buffers: [],
                    children: children)
            ]
        }
        let hasValidity = layout != .none
        let memory = ExportedArray(
            column: self, bufferCount: buffers.count + (hasValidity ? 1 : 0),
            childCount: children.count)
        if hasValidity { memory.buffers[0] = validity?.base }
        for (index, buffer) in buffers.enumerated() { memory.buffers[index + 1] = buffer.base }
        for (index, child) in children.enumerated() {
            child.exportArrow(to: memory.children[index]!)
        }
        array.initialize(
            to: ArrowArray(
                length: Int64(count), null_count: Int64(nullCount), offset: Int64(offset),
                n_buffers: Int64(memory.bufferCount), n_children: Int64(children.count),
                buffers: memory.buffers, children: children.isEmpty ? nil : memory.children,
                dictionary: nil,
                release: { array in
                    guard let array, array.pointee.release != nil else { return }
                    Unmanaged<ExportedArray>.fromOpaque(array.pointee.private_data).release()
                    array.pointee.release = nil
                },
                private_data: Unmanaged.passRetained(memory).toOpaque()))
    }
}

extension Batch {
    /// Fills an `ArrowSchema` and an `ArrowArray` with the columns as a struct, which is how
    /// Arrow passes record batches. Timestamps and row kinds are not among them.
    public func exportArrow(
        names: [String], schema: UnsafeMutablePointer<ArrowSchema>,
        array: UnsafeMutablePointer<ArrowArray>
    ) {
        precondition(names.count == columns.count)
        let fields = zip(names, columns).map { DataType.Field($0, $1.type) }
        let row = Column(
            type: DataType(.row(fields, style: .row), nullable: false), count: count,
            validity: nil, buffers: [], children: columns)
        row.type.exportArrow(to: schema)
        row.exportArrow(to: array)
    }
}

/// Memory that an exported schema points to; freed by its `release` callback.
private final class ExportedSchema {
    let format: UnsafeMutablePointer<CChar>
    let name: UnsafeMutablePointer<CChar>
    let metadata: UnsafeMutablePointer<CChar>?
    let children: UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>
    private let childCount: Int

    init(format: String, name: String, metadata: [UInt8]?, childCount: Int) {
        func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
            let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { memory[index] = CChar(bitPattern: byte) }
            return memory
        }
        self.format = copy(Array(format.utf8) + [0])
        self.name = copy(Array(name.utf8) + [0])
        self.metadata = metadata.map(copy)
        self.childCount = childCount
        children = .allocate(capacity: childCount)
        for index in 0..<childCount {
            (children + index).initialize(to: .allocate(capacity: 1))
        }
    }

    deinit {
        // A consumer may have moved children out: it has then set their `release` to null.
        for index in 0..<childCount {
            guard let child = children[index] else { continue }
            child.pointee.release?(child)
            child.deallocate()
        }
        children.deallocate()
        format.deallocate()
        name.deallocate()
        metadata?.deallocate()
    }
}

/// Memory that an exported array points to, and the column that owns the data.
private final class ExportedArray {
    let buffers: UnsafeMutablePointer<UnsafeRawPointer?>
    let children: UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>
    let bufferCount: Int
    private let childCount: Int
    private let column: Column

    init(column: Column, bufferCount: Int, childCount: Int) {
        self.column = column
        self.bufferCount = bufferCount
        self.childCount = childCount
        buffers = .allocate(capacity: bufferCount)
        buffers.initialize(repeating: nil, count: bufferCount)
        children = .allocate(capacity: childCount)
        for index in 0..<childCount {
            (children + index).initialize(to: .allocate(capacity: 1))
        }
    }

    deinit {
        for index in 0..<childCount {
            guard let child = children[index] else { continue }
            child.pointee.release?(child)
            child.deallocate()
        }
        children.deallocate()
        buffers.deallocate()
    }
}
