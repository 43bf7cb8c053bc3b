/// Integers of any width and sign, as Arrow has them where we have one kind only.
struct ArrowIntegers {
    let source: Buffer
    let width: Int
    let isSigned: Bool

    /// A value; unsigned ones of 64 bits that do not fit become negative.
    subscript(index: Int) -> Int64 {
        func load<T: FixedWidthInteger>(_ type: T.Type) -> Int64 {
            Int64(truncatingIfNeeded: source.base.assumingMemoryBound(to: T.self)[index])
        }
        switch (width, isSigned) {
        case (1, true): return load(Int8.self)
        case (1, false): return load(UInt8.self)
        case (2, true): return load(Int16.self)
        case (2, false): return load(UInt16.self)
        case (4, true): return load(Int32.self)
        case (4, false): return load(UInt32.self)
        case (_, true): return load(Int64.self)
        case (_, false): return load(UInt64.self)
        }
    }

    /// The same numbers times `times` over `over` (rounded down) in `target` bytes each. What
    /// does not fit wraps around: such values lie outside of what our types mean.
    func converted(to target: Int, times: Int64, over: Int64) -> Buffer {
        let count = source.count / width
        func convert<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> Buffer {
            Buffer(count: count, of: T.self) { out in
                for index in out.indices {
                    let value = self[index]
                    if width == 8, !isSigned {
                        out[index] = T(truncatingIfNeeded: UInt64(bitPattern: value))
                    } else {
                        let scaled = over == 1 ? value &* times : value.floored(by: over).quotient
                        out[index] = T(truncatingIfNeeded: scaled)
                    }
                }
            }
        }
        switch target {
        case 1: return convert(Int8.self)
        case 2: return convert(Int16.self)
        case 4: return convert(Int32.self)
        case 8: return convert(Int64.self)
        default: return convert(Int128.self)
        }
    }
}
