#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Column {
    /// The values at `indices`, in their order; an index may come any number of times.
    ///
    /// The result has no slices in it and shares no memory with this column. Indices must lie
    /// within `0..<count`; debug builds assert it.
    /// - Complexity: O(*n*) in the indices and in the bytes that they select.
    public func gather(indices: UnsafeBufferPointer<Int32>) -> Column {
        assert(indices.allSatisfy { $0 >= 0 && $0 < count })
        let buffers: [Buffer]
        var children: [Column] = []
        switch type.layout {
        case .none: buffers = []
        case .bits: buffers = [gatherBits(self.buffers[0], indices).buffer]
        case .fixed(1): buffers = [gatherFixed(indices, UInt8.self)]
        case .fixed(2): buffers = [gatherFixed(indices, UInt16.self)]
        case .fixed(4): buffers = [gatherFixed(indices, UInt32.self)]
        case .fixed(8): buffers = [gatherFixed(indices, UInt64.self)]
        case .fixed: buffers = [gatherFixed(indices, UInt128.self)]
        case .variable: buffers = gatherBytes(indices)
        case .list:
            let (offsets, elements) = gatherLists(indices)
            buffers = [offsets]
            children = elements.withUnsafeBufferPointer { elements in
                self.children.map { $0.gather(indices: elements) }
            }
        case .fields:
            buffers = []
            children = self.children.indices.map { field($0).gather(indices: indices) }
        }
        return Column(
            type: type, count: indices.count, validity: gatherValidity(indices), buffers: buffers,
            children: children)
    }

    /// The values at `indices`, and a null for each negative one, as an outer join needs them.
    ///
    /// The type stays as it is; it is the caller's to make it nullable.
    public func gather(indicesOrNull indices: UnsafeBufferPointer<Int32>) -> Column {
        guard indices.contains(where: { $0 < 0 }) else { return gather(indices: indices) }
        if count == 0 { return .nulls(type, count: indices.count) }
        let column = withUnsafeTemporaryAllocation(of: Int32.self, capacity: indices.count) {
            for index in indices.indices { $0[index] = max(indices[index], 0) }
            return gather(indices: UnsafeBufferPointer($0))
        }
        let validity = Buffer(zeros: Bitmap.byteCount(indices.count))
        // Nobody else has seen this buffer yet.
        let bits = UnsafeMutableRawPointer(mutating: validity.base)
        for index in indices.indices where indices[index] >= 0 && column.isValid(index) {
            Bitmap.set(bits, index, true)
        }
        return Column(
            type: type, count: column.count, validity: column.type.layout == .none ? nil : validity,
            buffers: column.buffers, children: column.children)
    }

    private func gatherFixed<T: BitwiseCopyable>(
        _ indices: UnsafeBufferPointer<Int32>, _ type: T.Type
    ) -> Buffer {
        Buffer(count: indices.count, of: T.self) { target in
            guard let out = target.baseAddress, let from = indices.baseAddress else { return }
            let source = values(as: T.self).baseAddress.unsafelyUnwrapped
            for index in 0..<indices.count { out[index] = source[Int(from[index])] }
        }
    }

    private func gatherValidity(_ indices: UnsafeBufferPointer<Int32>) -> Buffer? {
        guard let validity else { return nil }
        let (buffer, ones) = gatherBits(validity, indices)
        return ones == indices.count ? nil : buffer
    }

    private func gatherBits(
        _ source: Buffer, _ indices: UnsafeBufferPointer<Int32>
    ) -> (buffer: Buffer, ones: Int) {
        let base = source.base
        var ones = 0
        let buffer = Buffer(count: Bitmap.byteCount(indices.count), of: UInt8.self) { target in
            var index = 0
            for byte in target.indices {
                let end = min(index &+ 8, indices.count)
                var bits: UInt8 = 0
                var mask: UInt8 = 1
                while index < end {
                    if Bitmap.get(base, offset &+ Int(indices[index])) { bits |= mask }
                    mask &<<= 1
                    index &+= 1
                }
                ones &+= bits.nonzeroBitCount
                target[byte] = bits
            }
        }
        return (buffer, ones)
    }

    /// Two passes: the offsets first, so that the bytes are allocated once.
    private func gatherBytes(_ indices: UnsafeBufferPointer<Int32>) -> [Buffer] {
        let (offsets, total) = gatherOffsets(indices)
        let source = self.offsets
        let data = self.data
        let readable = buffers[1].count
        let bytes = Buffer(count: total, of: UInt8.self) { target in
            guard let out = target.baseAddress else { return }
            let raw = UnsafeMutableRawPointer(out)
            var position = 0
            for index in indices {
                let start = Int(source[Int(index)])
                let size = Int(source[Int(index) &+ 1]) &- start
                // Most strings are short: 16 bytes at once are cheaper than a call, where both
                // sides have them. What is written too much is overwritten by the next value.
                if size <= 16, start &+ 16 <= readable, position &+ 16 <= total {
                    let low = data.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                    let high = data.loadUnaligned(fromByteOffset: start &+ 8, as: UInt64.self)
                    raw.storeBytes(of: low, toByteOffset: position, as: UInt64.self)
                    raw.storeBytes(of: high, toByteOffset: position &+ 8, as: UInt64.self)
                } else {
                    memcpy(raw + position, data + start, size)
                }
                position &+= size
            }
        }
        return [offsets, bytes]
    }

    private func gatherLists(
        _ indices: UnsafeBufferPointer<Int32>
    ) -> (offsets: Buffer, elements: [Int32]) {
        let (offsets, total) = gatherOffsets(indices)
        let source = self.offsets
        let elements = [Int32](unsafeUninitializedCapacity: total) { target, count in
            for index in indices {
                for element in source[Int(index)]..<source[Int(index) &+ 1] {
                    target[count] = element
                    count &+= 1
                }
            }
        }
        return (offsets, elements)
    }

    private func gatherOffsets(
        _ indices: UnsafeBufferPointer<Int32>
    ) -> (offsets: Buffer, total: Int) {
        let source = offsets
        var total = 0
        let buffer = Buffer(count: indices.count + 1, of: Int32.self) { target in
            target[0] = 0
            var position = 1
            for index in indices {
                total &+= Int(source[Int(index) &+ 1]) &- Int(source[Int(index)])
                target[position] = Int32(truncatingIfNeeded: total)
                position &+= 1
            }
        }
        precondition(total <= Int(Int32.max), "a column holds more than 2 GiB of data")
        return (buffer, total)
    }
}
