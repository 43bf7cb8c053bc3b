import CPosix
import Columnar

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the channel's own thread does: reading, and writing what the task's thread could not.
extension WorkerChannel {
    /// The thread's body.
    func run() {
        let failure = receiveAll()
        let isShut = outboxMonitor.locked {
            outbox.isBroken = true
            outbox.parts.removeAll()
            return outbox.isShut
        }
        post([], failure: isShut ? failure : explained(failure))
        end()
    }

    private func receiveAll() -> ChannelFailure {
        var assembler = FrameAssembler()
        var arrived: [Frame] = []
        var isReady = false
        while true {
            let isReading = mayRead()
            if isReading {
                let count = assembler.fill { first, second in
                    var parts = (
                        iovec(iov_base: first.baseAddress, iov_len: first.count),
                        iovec(iov_base: second?.baseAddress, iov_len: second?.count ?? 0)
                    )
                    return withUnsafeBytes(of: &parts) {
                        martlet_receive(
                            socket, $0.assumingMemoryBound(to: iovec.self).baseAddress,
                            second == nil ? 1 : 2)
                    }
                }
                switch count {
                case 1...:
                    metrics.bytesFromWorker.add(count)
                    do throws(FrameError) {
                        while let frame = try assembler.next() {
                            try accept(frame, isReady: &isReady, into: &arrived)
                        }
                    } catch {
                        post(arrived)
                        return .malformed(error.description)
                    }
                    post(arrived)
                    arrived.removeAll(keepingCapacity: true)
                    continue
                case 0, -Int(ECONNRESET), -Int(EPIPE):
                    return .ended(nil, midFrame: assembler.isMidFrame)
                case -Int(EAGAIN): break
                default: return .system(PosixError("read from the worker", Int32(-count)))
                }
            }
            let isWriting = outboxMonitor.locked { !outbox.parts.isEmpty }
            let woken = martlet_wait(socket, isReading ? 1 : 0, isWriting ? 1 : 0, event)
            guard woken >= 0 else { return .system(PosixError("wait for the worker", -woken)) }
            if isWriting { outboxMonitor.locked { _ = write() } }
        }
    }

    /// Sorts a frame out: what the task needs to see goes to `arrived`.
    private func accept(
        _ frame: Frame, isReady: inout Bool, into arrived: inout [Frame]
    ) throws(FrameError) {
        switch frame.header.kind {
        case .ready:
            guard !isReady else { throw FrameError("a second READY frame") }
            isReady = true
            metrics.markReady()
        case .metrics:
            try metrics.update(from: frame.body)
        case .error: arrived.append(frame)
        default:
            guard isReady else { throw FrameError("a frame before READY") }
            arrived.append(frame)
        }
    }

    /// Whether there is room for more frames.
    private func mayRead() -> Bool {
        inboxMonitor.locked {
            inbox.isParked =
                !inbox.isClosed
                && (inbox.isParked || inbox.frames.count >= limits.queuedFrames
                    || inbox.bytes >= limits.queuedBytes)
            return !inbox.isParked
        }
    }

    private func post(_ frames: [Frame], failure: ChannelFailure? = nil) {
        guard !frames.isEmpty || failure != nil else { return }
        let notify = inboxMonitor.locked {
            if !inbox.isClosed {
                for frame in frames {
                    inbox.frames.append(frame)
                    inbox.bytes += frame.body.count
                }
            }
            inbox.failure = failure
            inboxMonitor.broadcast()
            return inbox.notify
        }
        notify?()
    }

    /// A failure with the worker's exit, for which it waits.
    private func explained(_ failure: ChannelFailure) -> ChannelFailure {
        guard case .ended(nil, let midFrame) = failure else { return failure }
        return .ended(process.waitForExit(milliseconds: limits.exitReport), midFrame: midFrame)
    }

    /// Sees the worker end, and gives the socket back.
    private func end() {
        shutdown(socket, Int32(SHUT_RDWR))
        let isOrderly = outboxMonitor.locked { outbox.isOrderly }
        let grace = isOrderly ? limits.closingGrace : limits.grace
        if process.waitForExit(milliseconds: grace) == nil { process.kill() }
        outboxMonitor.locked {
            outbox.isClosed = true
            closeDescriptor(socket)
        }
    }

    /// Writes what fits; true if nothing is left. Call it holding `outboxMonitor`.
    func write() -> Bool {
        while !outbox.parts.isEmpty {
            let count = min(outbox.parts.count, 256)
            var offered = 0
            let sent = withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) { parts in
                for index in 0..<count {
                    let part = outbox.parts[index]
                    let skipped = index == 0 ? outbox.written : 0
                    offered += part.count - skipped
                    parts.initializeElement(
                        at: index,
                        to: iovec(
                            iov_base: UnsafeMutableRawPointer(mutating: part.base + skipped),
                            iov_len: part.count - skipped))
                }
                return martlet_send(socket, parts.baseAddress, count)
            }
            guard sent >= 0 else {
                if sent == -Int(EAGAIN) { return false }
                // The other end is closed. What it sent before, and how it ended, is for reading.
                outbox.isBroken = true
                outbox.parts.removeAll()
                return true
            }
            metrics.bytesToWorker.add(sent)
            advance(by: sent)
            if sent < offered { return false }
        }
        return true
    }

    private func advance(by sent: Int) {
        var left = sent + outbox.written
        while let first = outbox.parts.first, first.count <= left {
            left -= first.count
            outbox.parts.removeFirst()
        }
        outbox.written = left
    }
}
