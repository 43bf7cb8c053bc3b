/// Which part of the keyed state a key belongs to, and which parallel instance holds it: Flink's
/// `KeyGroupRangeAssignment`, so that a job spreads its keys here as it does there.
public enum KeyGroup {
    /// The most key groups that a job can have.
    public static let upperBoundMaxParallelism = 1 << 15
    /// The fewest that a job has unless told otherwise.
    public static let lowerBoundMaxParallelism = 1 << 7

    /// The number of key groups of a job that does not say: 1.5 times the parallelism, rounded
    /// up to a power of two, between 128 and 32768.
    public static func defaultMaxParallelism(parallelism: Int) -> Int {
        let wanted = max(parallelism + parallelism / 2, 1)
        let power = 1 << (Int.bitWidth - (wanted - 1).leadingZeroBitCount)
        return min(max(power, lowerBoundMaxParallelism), upperBoundMaxParallelism)
    }

    /// `org.apache.flink.util.MathUtils.murmurHash`: never negative.
    @inlinable
    public static func murmurHash(_ code: Int32) -> Int32 {
        // Java's int arithmetic wraps around.
        var hash = UInt32(bitPattern: code) &* 0xCC9E_2D51
        hash = (hash << 15 | hash >> 17) &* 0x1B87_3593
        hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64
        hash ^= 4
        hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
        hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
        hash ^= hash >> 16
        let signed = Int32(bitPattern: hash)
        if signed >= 0 { return signed }
        return signed == .min ? 0 : -signed
    }

    /// The key group of a key with this `hashCode`, within `0..<maxParallelism`.
    @inlinable
    public static func assign(hash: Int32, maxParallelism: Int) -> Int32 {
        murmurHash(hash) % Int32(truncatingIfNeeded: maxParallelism)
    }

    /// The parallel instance that a key group belongs to.
    @inlinable
    public static func operatorIndex(
        keyGroup: Int32, maxParallelism: Int, parallelism: Int
    ) -> Int32 {
        Int32(truncatingIfNeeded: Int(keyGroup) &* parallelism / maxParallelism)
    }

    /// The key groups of a parallel instance; empty if there are more instances than groups.
    public static func range(
        operatorIndex: Int, maxParallelism: Int, parallelism: Int
    ) -> Range<Int> {
        let start = (operatorIndex * maxParallelism + parallelism - 1) / parallelism
        let end = ((operatorIndex + 1) * maxParallelism - 1) / parallelism + 1
        return start..<max(start, end)
    }
}

extension Column {
    /// The key group of each value as a key of PyFlink's `key_by`; nulls have one, too.
    ///
    /// PyFlink wraps a key in a `Row` of one field before it partitions by it, and so does this.
    public func keyGroups(maxParallelism: Int) -> [Int32] {
        var groups = keyHashCodes()
        groups.withUnsafeMutableBufferPointer { groups in
            if maxParallelism & (maxParallelism - 1) == 0 {
                let mask = Int32(maxParallelism - 1)
                for index in groups.indices {
                    groups[index] = KeyGroup.murmurHash(groups[index]) & mask
                }
            } else {
                for index in groups.indices {
                    groups[index] = KeyGroup.assign(
                        hash: groups[index], maxParallelism: maxParallelism)
                }
            }
        }
        return groups
    }

    /// The parallel instance that each value as a key goes to: see `Batch.partition(by:into:)`.
    public func channels(maxParallelism: Int, parallelism: Int) -> [Int32] {
        if parallelism == 1 { return [Int32](repeating: 0, count: count) }
        var channels = keyGroups(maxParallelism: maxParallelism)
        // A table beats a division for each row.
        let table = (0..<Int32(maxParallelism)).map {
            KeyGroup.operatorIndex(
                keyGroup: $0, maxParallelism: maxParallelism, parallelism: parallelism)
        }
        channels.withUnsafeMutableBufferPointer { channels in
            table.withUnsafeBufferPointer { table in
                for index in channels.indices { channels[index] = table[Int(channels[index])] }
            }
        }
        return channels
    }
}
