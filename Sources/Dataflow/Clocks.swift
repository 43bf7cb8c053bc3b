import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The machine's clock.
public struct SystemClock: Clock {
    public init() {}

    public func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// A clock that moves only when it is told to.
public final class VirtualClock: Clock {
    private let time: Atomic<Int64>

    /// `now` in milliseconds since the epoch.
    public init(now: Int64 = 0) { time = Atomic(now) }

    public func now() -> Int64 { time.load(ordering: .relaxed) }

    /// Moves the clock to `time`, unless it is already past it.
    public func advance(to time: Int64) {
        self.time.max(time, ordering: .relaxed)
    }
}

/// For durations that are only reported, never acted upon: what acts on time asks a `Clock`.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
