import DequeModule
import Synchronization

/// A bounded queue of stream elements between two tasks: one sends, one receives.
///
/// The bound is kept by not running the sender while the channel is full, so that what one step
/// emits always fits: a channel holds at most its capacity and the results of one step.
public final class Channel: Sendable {
    /// What a channel holds before its sender is held back.
    public struct Capacity: Sendable {
        public var elements: Int
        public var rows: Int

        public init(elements: Int = 16, rows: Int = 65_536) {
            self.elements = max(elements, 1)
            self.rows = max(rows, 1)
        }
    }

    private struct State {
        var queue: Deque<StreamElement> = []
        var rows = 0
        /// Raised when there is something to receive.
        var receiver: Signal?
        /// Raised when there is room again.
        var sender: Signal?
    }

    private let capacity: Capacity
    private let state = Mutex(State())
    /// Written under the lock, read without it: a hint that saves the lock where it is decisive.
    private let elementCount = Atomic<Int>(0)
    private let rowCount = Atomic<Int>(0)

    public init(capacity: Capacity = Capacity()) {
        self.capacity = capacity
    }

    /// Whose step sends into this channel, and whose step receives from it.
    func connect(sender: Signal? = nil, receiver: Signal? = nil) {
        state.withLock { state in
            if let sender { state.sender = sender }
            if let receiver { state.receiver = receiver }
        }
    }

    public var isEmpty: Bool { elementCount.load(ordering: .acquiring) == 0 }

    public var isFull: Bool {
        elementCount.load(ordering: .acquiring) >= capacity.elements
            || rowCount.load(ordering: .relaxed) >= capacity.rows
    }

    /// Rows that wait.
    public var rows: Int { rowCount.load(ordering: .relaxed) }

    public func send(_ element: StreamElement) {
        let receiver: Signal? = state.withLock { state in
            state.queue.append(element)
            if case .batch(let batch) = element { state.rows += batch.count }
            publish(state)
            return state.queue.count == 1 ? state.receiver : nil
        }
        receiver?.raise()
    }

    public func receive() -> StreamElement? {
        let (element, sender): (StreamElement?, Signal?) = state.withLock { state in
            let wasFull = isFull(state)
            guard let element = state.queue.popFirst() else { return (nil, nil) }
            if case .batch(let batch) = element { state.rows -= batch.count }
            publish(state)
            return (element, wasFull && !isFull(state) ? state.sender : nil)
        }
        sender?.raise()
        return element
    }

    /// The batches at the head of the queue, with up to about `maxRows` rows: the first one whatever
    /// its size, and those after it that still fit. Empty if a control element stands first.
    func receiveBatches(maxRows: Int) -> [StreamElement] {
        let (elements, sender): ([StreamElement], Signal?) = state.withLock { state in
            let wasFull = isFull(state)
            var taken: [StreamElement] = []
            var rows = 0
            while case .batch(let batch)? = state.queue.first,
                taken.isEmpty || rows + batch.count <= maxRows
            {
                rows += batch.count
                taken.append(state.queue.removeFirst())
            }
            state.rows -= rows
            publish(state)
            return (taken, wasFull && !isFull(state) ? state.sender : nil)
        }
        sender?.raise()
        return elements
    }

    /// Whether only batches wait, so that more of them may still join.
    var holdsOnlyBatches: Bool {
        state.withLock { state in
            state.queue.allSatisfy { if case .batch = $0 { true } else { false } }
        }
    }

    /// Drops what waits and lets the sender go on: the receiver is gone.
    func abandon() {
        let sender = state.withLock { state in
            state.queue.removeAll()
            state.rows = 0
            publish(state)
            return state.sender
        }
        sender?.raise()
    }

    private func isFull(_ state: State) -> Bool {
        state.queue.count >= capacity.elements || state.rows >= capacity.rows
    }

    private func publish(_ state: State) {
        rowCount.store(state.rows, ordering: .relaxed)
        elementCount.store(state.queue.count, ordering: .releasing)
    }
}
