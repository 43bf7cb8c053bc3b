import Columnar

extension Batch {
    /// The bytes of the rows, as far as they are known without walking over them: offsets and
    /// bitmaps are left out, and the elements of arrays and maps are those of the whole column.
    var approximateByteCount: Int {
        var bytes = 0
        for column in columns { bytes += column.approximateByteCount }
        if timestamps != nil { bytes += 8 * count }
        return bytes
    }
}

extension Column {
    fileprivate var approximateByteCount: Int {
        switch type.layout {
        case .none: return 0
        case .bits: return count / 8
        case .fixed(let width): return width * count
        case .variable: return count == 0 ? 0 : Int(offsets[count] - offsets[0]) + 4 * count
        case .list, .fields:
            var bytes = 0
            for child in children { bytes += child.approximateByteCount }
            return bytes
        }
    }
}
