import Columnar

/// Between the columns in which keys and values of a state travel, and the bytes it keeps.
public struct StateCodec: Sendable {
    public let description: StateDescription
    public let key: RowCodec
    public let namespace: RowCodec?
    public let mapKey: RowCodec?
    /// Of a value, of a list's element, or of a map's value.
    public let value: RowCodec

    public init(_ description: StateDescription) {
        self.description = description
        key = RowCodec(description.key)
        namespace = description.namespace.map { RowCodec($0) }
        mapKey = description.mapKey.map { RowCodec($0) }
        value = RowCodec(description.value)
    }

    /// Where rows address the state: columns of keys, namespaces and map keys, as it has them.
    public func keys(
        _ keys: Column, namespaces: Column? = nil, mapKeys: Column? = nil, maxParallelism: Int
    ) -> StateKeys {
        precondition((namespaces != nil) == (namespace != nil))
        var result = StateKeys(keyGroups: keys.keyGroups(maxParallelism: maxParallelism))
        key.encode(keys, into: result.keys)
        if let namespace, let namespaces {
            let rows = EncodedRows()
            namespace.encode(namespaces, into: rows)
            result.namespaces = rows
        }
        if let mapKey, let mapKeys {
            let rows = EncodedRows()
            mapKey.encode(mapKeys, into: rows)
            result.mapKeys = rows
        }
        return result
    }

    /// The bytes of a column of `description.columnType`.
    public func encode(values: Column, into rows: EncodedRows) {
        if description.kind == .list {
            value.encodeElements(values, into: rows)
        } else {
            value.encode(values, into: rows)
        }
    }

    /// Appends a value to a column of `description.columnType`.
    public func decode(
        value bytes: UnsafeRawBufferPointer, into builder: ColumnBuilder
    ) throws(RowCodecError) {
        if description.kind == .list {
            try value.decodeElements(bytes, into: builder)
        } else {
            try value.decode(bytes, into: builder)
        }
    }
}
