import Columnar

/// What a frame is: its kind, as in `docs/worker-protocol.md`.
enum FrameKind: UInt8, Sendable {
    case open = 1
    case batch = 2
    case watermark = 3
    case barrier = 4
    case end = 5
    case status = 6
    case state = 7
    case fire = 8

    case ready = 64
    case result = 65
    case echo = 66
    case error = 67
    case metrics = 68
    case states = 69
    case stateGet = 70
    case statePut = 71
    case stateScan = 72
    case timers = 73

    /// Whether a worker may send it.
    var isFromWorker: Bool { rawValue >= 64 }
}

struct FrameFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let last = FrameFlags(rawValue: 1)
    static let hasTimestamps = FrameFlags(rawValue: 2)
    static let hasRowKinds = FrameFlags(rawValue: 4)
    /// The rows are those of the stage's second input.
    static let secondInput = FrameFlags(rawValue: 8)
    /// The timers are those of processing time.
    static let processingTime = FrameFlags(rawValue: 16)
    static let known: FrameFlags = [
        .last, .hasTimestamps, .hasRowKinds, .secondInput, .processingTime,
    ]
}

struct FrameHeader: Hashable, Sendable {
    static let byteCount = 16
    static let maxBodyLength = 1 << 30

    var kind: FrameKind
    var flags: FrameFlags
    /// Of a step, a state or an output, depending on the kind.
    var index: Int
    var sequence: UInt64
    var bodyLength: Int

    init(
        _ kind: FrameKind, flags: FrameFlags = [], index: Int = 0, sequence: UInt64,
        bodyLength: Int
    ) {
        self.kind = kind
        self.flags = flags
        self.index = index
        self.sequence = sequence
        self.bodyLength = bodyLength
    }

    /// Reads the first 16 of `bytes`.
    init(decoding bytes: UnsafeRawBufferPointer) throws(FrameError) {
        let length = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        guard length <= Self.maxBodyLength else {
            throw FrameError("a frame of \(length) bytes, above the limit of \(Self.maxBodyLength)")
        }
        guard let kind = FrameKind(rawValue: bytes[4]) else {
            throw FrameError("a frame of unknown kind \(bytes[4])")
        }
        let flags = FrameFlags(rawValue: bytes[5])
        guard FrameFlags.known.isSuperset(of: flags) else {
            throw FrameError("a frame with unknown flags")
        }
        self.init(
            kind, flags: flags,
            index: Int(
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))),
            sequence: UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            bodyLength: Int(length))
    }

    func encode(into bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: UInt32(bodyLength).littleEndian, as: UInt32.self)
        bytes.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt8.self)
        bytes.storeBytes(of: flags.rawValue, toByteOffset: 5, as: UInt8.self)
        bytes.storeBytes(
            of: UInt16(truncatingIfNeeded: index).littleEndian, toByteOffset: 6, as: UInt16.self)
        bytes.storeBytes(of: sequence.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// The header as bytes to send.
    func encoded() -> Buffer {
        Buffer(count: Self.byteCount, of: UInt8.self) {
            encode(into: UnsafeMutableRawPointer($0.baseAddress!))
        }
    }
}

/// A frame that has arrived.
struct Frame: Sendable {
    var header: FrameHeader
    /// 64-byte aligned.
    var body: Buffer
}

/// Bytes that are not what the protocol allows.
struct FrameError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
