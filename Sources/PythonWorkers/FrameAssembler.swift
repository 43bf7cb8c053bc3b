import Columnar

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts frames together from bytes as they come, in pieces of any size.
///
/// Pure: the caller reads into the two spaces that `fill` offers, then takes `next` until it is
/// nil. A body is read straight into the memory in which it stays, so its columns need no copy;
/// what the kernel has of the following frames comes along with the same read.
struct FrameAssembler: ~Copyable {
    /// Bytes that belong to no body yet.
    private let scratch: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var partial: (header: FrameHeader, memory: UnsafeMutableRawPointer, filled: Int)?

    init(scratchByteCount: Int = 16 << 10) {
        scratch = .allocate(
            byteCount: max(scratchByteCount, 4 * FrameHeader.byteCount), alignment: 64)
    }

    deinit {
        if let partial { free(partial.memory) }
        scratch.deallocate()
    }

    /// Whether bytes of an unfinished frame are here.
    var isMidFrame: Bool { partial != nil || start < end }

    /// Calls `read` with one or two spaces to fill in this order; it returns how many bytes came,
    /// or, at 0 and below, that none did. Returns the same.
    mutating func fill<Failure: Error>(
        _ read: (UnsafeMutableRawBufferPointer, UnsafeMutableRawBufferPointer?) throws(Failure) ->
            Int
    ) throws(Failure) -> Int {
        if start == end {
            start = 0
            end = 0
        } else if start > 0 {
            // At most a header's worth: `next` has taken everything else.
            scratch.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[start..<end]))
            end -= start
            start = 0
        }
        let free = UnsafeMutableRawBufferPointer(rebasing: scratch[end...])
        guard let (header, memory, filled) = partial else {
            let count = try read(free, nil)
            end += max(count, 0)
            return count
        }
        let missing = header.bodyLength - filled
        let count = try read(.init(start: memory + filled, count: missing), free)
        partial?.filled += max(min(count, missing), 0)
        end += max(count - missing, 0)
        return count
    }

    /// The next frame that is complete; nil until more bytes are there.
    mutating func next() throws(FrameError) -> Frame? {
        if partial == nil {
            guard end - start >= FrameHeader.byteCount else { return nil }
            let header = try FrameHeader(
                decoding: UnsafeRawBufferPointer(rebasing: scratch[start..<end]))
            guard header.kind.isFromWorker else {
                throw FrameError("a frame of kind \(header.kind.rawValue), which is not a worker's")
            }
            start += FrameHeader.byteCount
            let memory = try Self.allocate(header.bodyLength)
            let here = min(end - start, header.bodyLength)
            memory.copyMemory(from: scratch.baseAddress! + start, byteCount: here)
            start += here
            partial = (header, memory, here)
        }
        guard let (header, memory, filled) = partial, filled == header.bodyLength else {
            return nil
        }
        partial = nil
        let storage = BufferStorage(owning: memory, capacity: header.bodyLength)
        return Frame(header: header, body: Buffer(storage: storage, count: header.bodyLength))
    }

    /// Like `BufferStorage.allocate`, but what a frame claims to need may be refused.
    private static func allocate(_ count: Int) throws(FrameError) -> UnsafeMutableRawPointer {
        var pointer: UnsafeMutableRawPointer?
        guard posix_memalign(&pointer, 64, max((count + 63) & ~63, 64)) == 0, let pointer else {
            throw FrameError("a frame of \(count) bytes, for which there is no memory")
        }
        return pointer
    }
}
