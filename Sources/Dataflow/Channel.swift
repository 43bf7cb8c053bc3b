import Columnar
import DequeModule
import Synchronization

/// A bounded queue of stream elements between two tasks: one sends, one receives.
///
/// The bound is kept by not running the sender while the channel is full, so that what one step
/// emits always fits: a channel holds at most its capacity and the results of one step. A full
/// channel stays full until half of it is free, so that a slow receiver does not wake its sender
/// for every element.
///
/// Sound to share: the queue is under its lock and the counters are atomic, each written by one
/// side; what belongs to one side's thread says so. The signals are set while the tasks are made,
/// before any of them runs.
public final class Channel: @unchecked Sendable {
    /// What a channel holds before its sender is held back: whichever is reached first.
    public struct Capacity: Sendable, Hashable {
        public var elements: Int
        public var rows: Int
        /// Of the columns' values.
        public var bytes: Int

        public init(elements: Int = 256, rows: Int = 32_768, bytes: Int = 4 << 20) {
            self.elements = max(elements, 1)
            self.rows = max(rows, 1)
            self.bytes = max(bytes, 1)
        }
    }

    struct Entry {
        let element: StreamElement
        let rows: Int
        let bytes: Int

        init(_ element: StreamElement) {
            self.element = element
            guard case .batch(let batch) = element else {
                rows = 0
                bytes = 0
                return
            }
            rows = batch.count
            bytes = batch.byteCount
        }
    }

    private let capacity: Capacity
    private let queue = Mutex(Deque<Entry>())
    /// Written by the sender only.
    private let sent = Tally()
    /// Written by the receiver only.
    private let received = Tally()
    /// The sender has found the channel full, and wants to hear when it is no longer.
    private let senderWaits = Atomic<Bool>(false)
    /// The receiver takes no more: what comes is dropped.
    private let isAbandoned = Atomic<Bool>(false)
    /// What the receiver has moved out of the queue at one go; its thread only.
    private var inbox: Deque<Entry> = []
    /// The sender's thread only.
    private var isHeldBack = false
    /// Monotonic nanoseconds; the sender's thread only.
    private var heldBackSince: UInt64 = 0
    private let blocked = Atomic<UInt64>(0)
    private var sender: Signal?
    private var receiver: Signal?

    public init(capacity: Capacity = Capacity()) {
        self.capacity = capacity
    }

    /// Whose step sends into this channel, and whose step receives from it.
    func connect(sender: Signal? = nil, receiver: Signal? = nil) {
        if let sender { self.sender = sender }
        if let receiver { self.receiver = receiver }
    }

    // MARK: The sender's thread

    /// Whether the sender must not run.
    public var isFull: Bool {
        if !isHeldBack {
            let (elements, rows, bytes) = waiting
            guard elements >= capacity.elements || rows >= capacity.rows || bytes >= capacity.bytes
            else { return false }
            isHeldBack = true
            heldBackSince = monotonicNanoseconds()
        }
        // First the wish, then the look: the receiver makes room first, and looks for the wish then.
        senderWaits.store(true, ordering: .sequentiallyConsistent)
        guard hasRoomAgain else { return true }
        senderWaits.store(false, ordering: .relaxed)
        isHeldBack = false
        let waited = monotonicNanoseconds() &- heldBackSince
        blocked.store(blocked.load(ordering: .relaxed) &+ waited, ordering: .relaxed)
        return false
    }

    public func send(_ element: StreamElement) {
        guard !isAbandoned.load(ordering: .relaxed) else { return }
        let entry = Entry(element)
        // Counted under the lock, so that nothing is received before it counts as sent.
        let before = queue.withLock { queue in
            queue.append(entry)
            return sent.add(entry)
        }
        // A receiver that has more to take does not sleep, unless it took it just now; then it
        // looks at `sent` after it has written `received`, and we do the reverse.
        if received.elements == before { receiver?.raise() }
    }

    // MARK: The receiver's thread

    public var isEmpty: Bool { sent.elements == received.elements }

    public func receive() -> StreamElement? {
        if inbox.isEmpty {
            queue.withLock { swap(&$0, &inbox) }
        }
        guard let entry = inbox.popFirst() else { return nil }
        received.add(entry)
        wakeSender()
        return entry.element
    }

    /// Drops what waits and what comes, and lets the sender go on: the receiver is gone.
    func abandon() {
        isAbandoned.store(true, ordering: .sequentiallyConsistent)
        while receive() != nil {}
        sender?.raise()
    }

    private func wakeSender() {
        guard senderWaits.load(ordering: .sequentiallyConsistent), hasRoomAgain,
            senderWaits.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        sender?.raise()
    }

    // MARK: Any thread

    /// Rows that wait.
    public var rows: Int { waiting.rows }

    /// What waits in the channel.
    public var waiting: (elements: Int, rows: Int, bytes: Int) {
        // What was received is read first, so that the difference is never negative; and the
        // number of elements before the rest, as it is written after it.
        let elements = received.elements
        let (rows, bytes) = (received.rows, received.bytes)
        return (sent.elements - elements, sent.rows - rows, sent.bytes - bytes)
    }

    /// Rows that have gone through, or wait.
    public var totalRows: Int { sent.rows }

    /// Nanoseconds for which the channel has held its sender back.
    public var blockedNanoseconds: UInt64 { blocked.load(ordering: .relaxed) }

    private var hasRoomAgain: Bool {
        if isAbandoned.load(ordering: .relaxed) { return true }
        let (elements, rows, bytes) = waiting
        return elements <= capacity.elements / 2 && rows <= capacity.rows / 2
            && bytes <= capacity.bytes / 2
    }
}

/// Running totals of what one side of a channel has seen: written by one thread, read by any.
private final class Tally: Sendable {
    private let elementCount = Atomic<Int>(0)
    private let rowCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int>(0)

    /// Returns the number of elements before this one. Control elements leave the rest alone.
    @discardableResult
    func add(_ entry: Channel.Entry) -> Int {
        // One writer, so a load and a store do.
        if entry.rows > 0 {
            rowCount.store(rowCount.load(ordering: .relaxed) &+ entry.rows, ordering: .releasing)
            byteCount.store(
                byteCount.load(ordering: .relaxed) &+ entry.bytes, ordering: .releasing)
        }
        let before = elementCount.load(ordering: .relaxed)
        elementCount.store(before &+ 1, ordering: .sequentiallyConsistent)
        return before
    }

    var elements: Int { elementCount.load(ordering: .sequentiallyConsistent) }
    var rows: Int { rowCount.load(ordering: .acquiring) }
    var bytes: Int { byteCount.load(ordering: .acquiring) }
}
