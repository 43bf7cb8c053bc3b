import Dataflow
import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Bytes in order, from a file or from what stands between it and its reader.
protocol ByteReader: AnyObject {
    /// Reads at least one byte, or returns 0 when there are none left. `buffer` is not empty.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(JobError) -> Int
    func close()
}

/// A file from some byte on.
final class FileReader: ByteReader {
    private let descriptor: Int32
    private let path: String
    private var isOpen = true
    private let progress: ReadProgress

    init(_ path: String, from offset: Int64, progress: ReadProgress) throws(JobError) {
        self.path = path
        self.progress = progress
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno, "open", path).jobError }
        if offset > 0, lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
            let error = FileError(errno, "seek in", path).jobError
            Glibc.close(descriptor)
            isOpen = false
            throw error
        }
        posix_fadvise(descriptor, off_t(offset), 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { close() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(JobError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                progress.add(count)
                return count
            }
            guard errno == EINTR else { throw FileError(errno, "read", path).jobError }
        }
    }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }
}

/// What a compressed file holds.
final class InflatingReader: ByteReader {
    private let source: any ByteReader
    private let path: String
    private let inflater: Inflater
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
    private var hasEnded = false
    /// Compressed bytes given to the inflater, for messages.
    private var position = 0

    init(
        _ source: any ByteReader, path: String, container: Inflater.Container
    ) throws(JobError) {
        self.source = source
        self.path = path
        do { inflater = try Inflater(container) } catch {
            throw JobError(code: "io-error", "cannot read \(path): \(error.message)")
        }
    }

    deinit { chunk.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(JobError) -> Int {
        while true {
            if rest.isEmpty, !hasEnded {
                let count = try source.read(into: chunk)
                rest = UnsafeRawBufferPointer(rebasing: chunk[..<count])
                hasEnded = count == 0
            }
            let step: (consumed: Int, produced: Int)
            do { step = try inflater.inflate(rest, into: buffer) } catch {
                throw JobError(
                    code: "bad-input",
                    "cannot unpack \(path), near byte \(position): \(error.message)")
            }
            position += step.consumed
            rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
            if step.produced > 0 { return step.produced }
            guard hasEnded else { continue }
            guard inflater.isComplete else {
                throw JobError(
                    code: "bad-input",
                    "\(path) is cut off: its compressed data ends early, at byte \(position)")
            }
            return 0
        }
    }

    func close() { source.close() }
}

/// Text of another charset, as UTF-8.
final class TranscodingReader: ByteReader {
    private let source: any ByteReader
    private var transcoder: Transcoder
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
    private var text: [UInt8] = []
    private var taken = 0
    private var hasEnded = false

    init(_ source: any ByteReader, from charset: Charset) {
        self.source = source
        transcoder = Transcoder(from: charset)
    }

    deinit { chunk.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(JobError) -> Int {
        while taken == text.count, !hasEnded {
            let count = try source.read(into: chunk)
            hasEnded = count == 0
            text.removeAll(keepingCapacity: true)
            taken = 0
            transcoder.decode(
                UnsafeRawBufferPointer(rebasing: chunk[..<count]), isLast: hasEnded, to: &text)
        }
        let count = min(text.count - taken, buffer.count)
        text.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + count]))
        }
        taken += count
        return count
    }

    func close() { source.close() }
}
