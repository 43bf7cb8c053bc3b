import CZlib

/// Why compressed bytes could not be read.
public struct InflateError: Error, Sendable, Hashable {
    public var message: String
}

/// Unpacks a stream of zlib or gzip data, piece by piece.
///
/// Owned by one thread at a time.
public final class Inflater {
    public enum Container: Sendable, Hashable {
        /// Any number of gzip members one after the other, as `java.util.zip.GZIPInputStream`.
        case gzip
        /// One zlib stream; what follows it is ignored, as by `InflaterInputStream`.
        case zlib
    }

    private let container: Container
    private var stream = z_stream()
    private var isAtBoundary = true
    private var hasMembers = false
    private var isOver = false

    /// Whether the input may end here; otherwise it is cut off.
    public var isComplete: Bool { isAtBoundary && hasMembers }

    public init(_ container: Container) throws(InflateError) {
        self.container = container
        let windowBits: Int32 = container == .gzip ? 15 + 16 : 15
        let code = inflateInit2_(
            &stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw InflateError(message: "zlib cannot start (\(code))") }
    }

    deinit { inflateEnd(&stream) }

    /// Unpacks from `input` to `output` until one of them is used up. Where `output` was filled,
    /// more may come out without further input.
    public func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(InflateError) -> (consumed: Int, produced: Int) {
        if isOver { return (input.count, 0) }
        stream.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(clamping: output.count)
        let offered = (Int(stream.avail_in), Int(stream.avail_out))
        loop: while stream.avail_out > 0, stream.avail_in > 0 || !isAtBoundary {
            isAtBoundary = false
            switch CZlib.inflate(&stream, Z_NO_FLUSH) {
            case Z_OK: continue
            case Z_BUF_ERROR: break loop
            case Z_STREAM_END:
                isAtBoundary = true
                hasMembers = true
                if container == .zlib {
                    isOver = true
                    stream.avail_in = 0
                    break loop
                }
                inflateReset(&stream)
            case Z_MEM_ERROR:
                throw InflateError(message: "out of memory")
            default:
                let message = stream.msg.map { String(cString: $0) } ?? "not in \(container) format"
                // As for gzip and Java: anything but a header behind a member is padding.
                if hasMembers, message == "incorrect header check" {
                    isOver = true
                    isAtBoundary = true
                    stream.avail_in = 0
                    break loop
                }
                throw InflateError(message: message)
            }
        }
        return (offered.0 - Int(stream.avail_in), offered.1 - Int(stream.avail_out))
    }
}
