extension Batch {
    /// The rows at `indices`, in their order; see `Column.gather(indices:)`.
    public func gather(indices: UnsafeBufferPointer<Int32>) -> Batch {
        Batch(
            count: indices.count, columns: columns.map { $0.gather(indices: indices) },
            timestamps: timestamps?.gather(indices: indices),
            rowKinds: rowKinds?.gather(indices: indices))
    }

    public func gather(indices: [Int32]) -> Batch {
        indices.withUnsafeBufferPointer { gather(indices: $0) }
    }

    /// The rows for which `mask`, a `BOOLEAN` column of the same length, is true; null is false.
    ///
    /// Costs nothing when all rows or none are selected, and no copy when they stand together.
    public func filter(_ mask: Column) -> Batch {
        precondition(mask.count == count && mask.type.layout == .bits)
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { indices in
            select(UnsafeBufferPointer(rebasing: indices[..<mask.trueIndices(into: indices)]))
        }
    }

    /// The rows for which `mask` is true.
    public func filter(_ mask: UnsafeBufferPointer<Bool>) -> Batch {
        precondition(mask.count == count)
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { indices in
            var selected = 0
            for index in 0..<count {
                // Written always, kept if true: no branch to mispredict.
                indices[selected] = Int32(truncatingIfNeeded: index)
                selected &+= mask[index] ? 1 : 0
            }
            return select(UnsafeBufferPointer(rebasing: indices[..<selected]))
        }
    }

    /// The rows at `indices`, which ascend strictly.
    private func select(_ indices: UnsafeBufferPointer<Int32>) -> Batch {
        guard let first = indices.first, let last = indices.last else { return slice(0..<0) }
        if indices.count == count { return self }
        if Int(last - first) == indices.count - 1 { return slice(Int(first)..<Int(last) + 1) }
        return gather(indices: indices)
    }

    /// Splits the rows by channel, keeping their order within each.
    ///
    /// - Parameters:
    ///   - channelIndices: the channel of each row, within `0..<n`.
    ///   - n: the number of channels.
    /// - Returns: a batch for each channel; nil for those without rows. If all rows go to one
    ///   channel, its batch is this one.
    public func partition(
        by channelIndices: UnsafeBufferPointer<Int32>, into n: Int
    ) -> [Batch?] {
        precondition(channelIndices.count == count && n > 0)
        var result = [Batch?](repeating: nil, count: n)
        guard count > 0 else { return result }
        // starts[c + 1] counts the rows of c, then becomes where c ends, as a counting sort does.
        var starts = [Int](repeating: 0, count: n + 1)
        for channel in channelIndices { starts[Int(channel) + 1] += 1 }
        let only = Int(channelIndices[0])
        if starts[only + 1] == count {
            result[only] = self
            return result
        }
        for channel in 0..<n { starts[channel + 1] += starts[channel] }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { order in
            var next = starts
            next.withUnsafeMutableBufferPointer { next in
                for row in 0..<count {
                    let channel = Int(channelIndices[row])
                    order[next[channel]] = Int32(truncatingIfNeeded: row)
                    next[channel] &+= 1
                }
            }
            for channel in 0..<n where starts[channel] < starts[channel + 1] {
                result[channel] = gather(
                    indices: UnsafeBufferPointer(
                        rebasing: order[starts[channel]..<starts[channel + 1]]))
            }
        }
        return result
    }

    public func partition(by channelIndices: [Int32], into n: Int) -> [Batch?] {
        channelIndices.withUnsafeBufferPointer { partition(by: $0, into: n) }
    }
}

extension Column {
    /// Writes the indices of the values that are true, ascending, and returns how many they are.
    /// `indices` must have room for `count`; nulls count as false.
    public func trueIndices(into indices: UnsafeMutableBufferPointer<Int32>) -> Int {
        precondition(type.layout == .bits && indices.count >= count)
        guard count > 0, let out = indices.baseAddress else { return 0 }
        var selected = 0
        Bitmap.forEachWord(buffers[0].base, from: offset, count: count) { word, index, bits in
            var word = word
            if let validity {
                Bitmap.forEachWord(validity.base, from: offset &+ index, count: bits) {
                    valid, _, _ in word &= valid
                }
            }
            while word != 0 {
                out[selected] = Int32(truncatingIfNeeded: index &+ word.trailingZeroBitCount)
                selected &+= 1
                word &= word &- 1
            }
        }
        return selected
    }
}
