import Columnar
import DequeModule

extension Task {
    /// What waits in front of an external operator: the place where batches grow.
    ///
    /// Rows that would find the worker busy wait until it is not, or until there are enough of
    /// them (by number or by size), or until something follows that they must not be merged with. So an idle stream has
    /// the latency of a row, and a busy one the throughput of thousands. Whatever else one step of
    /// the operators before emits waits here too when the operator can accept no more, so that
    /// `process` is never called when it cannot.
    ///
    /// Belongs to the task's thread.
    final class Intake {
        private let external: any ExternalOperator
        private let output: any Output
        private let limits: MergeLimits
        private var queue: Deque<Entry> = []
        /// What the batches in `queue` hold.
        private var rows = 0
        private var bytes = 0
        /// Places in `queue` across which nothing is merged: control elements, and neighbouring
        /// batches of different inputs or types.
        private var breaks = 0
        /// Nothing more comes, so nothing is worth waiting for.
        var isClosing = false

        private struct Entry {
            let element: StreamElement
            let input: Int
            let rows: Int
            let bytes: Int

            init(_ element: StreamElement, input: Int) {
                self.element = element
                self.input = input
                if case .batch(let batch) = element {
                    rows = batch.count
                    bytes = batch.byteCount
                } else {
                    rows = 0
                    bytes = 0
                }
            }

            /// Whether both are batches that can become one.
            func canMerge(with next: Entry) -> Bool {
                guard input == next.input, case .batch(let first) = element,
                    case .batch(let second) = next.element
                else { return false }
                return first.hasColumns(of: second)
            }

            /// Whether both are batches that must stay apart.
            func isBroken(from next: Entry) -> Bool {
                guard case .batch = element, case .batch = next.element else { return false }
                return !canMerge(with: next)
            }
        }

        init(_ external: any ExternalOperator, output: any Output, limits: MergeLimits) {
            self.external = external
            self.output = output
            self.limits = limits
        }

        var isEmpty: Bool { queue.isEmpty }

        /// Whether something in front may go to the operator now.
        var isReady: Bool { readyCount > 0 }

        /// `end` stands for the end of this input.
        func take(_ element: StreamElement, input: Int) throws {
            let entry = Entry(element, input: input)
            if case .batch = element {
                if queue.last?.isBroken(from: entry) ?? false { breaks += 1 }
            } else {
                breaks += 1
            }
            rows += entry.rows
            bytes += entry.bytes
            queue.append(entry)
            try flush()
        }

        func flush() throws {
            while true {
                let count = readyCount
                guard count > 0, let first = queue.first else { return }
                switch first.element {
                case .batch(let batch):
                    let input = first.input
                    let merged = count == 1 ? batch : Batch.concatenate(leading(count))
                    remove(count)
                    try external.process(merged, input: input, into: output)
                case .end:
                    remove(1)
                    try external.inputEnded(first.input, into: output)
                default:
                    remove(1)
                    try external.control(first.element, into: output)
                }
            }
        }

        func clear() {
            queue.removeAll()
            rows = 0
            bytes = 0
            breaks = 0
        }

        /// How many elements in front may go to the operator now, as one.
        private var readyCount: Int {
            guard let first = queue.first else { return 0 }
            guard case .batch = first.element else { return 1 }
            guard external.canAccept else { return 0 }
            let mayWait =
                !isClosing && breaks == 0 && rows < limits.rows && bytes < limits.bytes
            if mayWait && external.isPending { return 0 }
            var (count, rows, bytes) = (1, first.rows, first.bytes)
            for entry in queue.dropFirst() {
                // A batch is not copied for the sake of one that is large by itself.
                guard rows < limits.rows, bytes + entry.bytes <= limits.bytes,
                    first.canMerge(with: entry)
                else { break }
                rows += entry.rows
                bytes += entry.bytes
                count += 1
            }
            return count
        }

        private func leading(_ count: Int) -> [Batch] {
            queue.prefix(count).compactMap {
                if case .batch(let batch) = $0.element { batch } else { nil }
            }
        }

        private func remove(_ count: Int) {
            let last = queue[count - 1]
            for entry in queue.prefix(count) {
                rows -= entry.rows
                bytes -= entry.bytes
            }
            queue.removeFirst(count)
            if case .batch = last.element {
                if let next = queue.first, last.isBroken(from: next) { breaks -= 1 }
            } else {
                breaks -= 1
            }
        }
    }
}
