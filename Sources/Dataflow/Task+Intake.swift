import Columnar
import DequeModule

extension Task {
    /// What waits in front of an external operator: the place where batches grow.
    ///
    /// Rows that would find the worker busy wait until it is not, or until there are enough of
    /// them, or until something follows that they must not be merged with. So an idle stream has
    /// the latency of a row, and a busy one the throughput of thousands. Whatever else one step of
    /// the operators before emits waits here too when the operator can accept no more, so that
    /// `process` is never called when it cannot.
    ///
    /// Belongs to the task's thread.
    final class Intake {
        private let external: any ExternalOperator
        private let output: any Output
        private let mergedRows: Int
        private var queue: Deque<(element: StreamElement, input: Int)> = []
        /// Rows in `queue`.
        private var rows = 0
        /// Places in `queue` across which nothing is merged: control elements, changes of input.
        private var breaks = 0
        /// Nothing more comes, so nothing is worth waiting for.
        var isClosing = false

        init(_ external: any ExternalOperator, output: any Output, mergedRows: Int) {
            self.external = external
            self.output = output
            self.mergedRows = mergedRows
        }

        var isEmpty: Bool { queue.isEmpty }

        /// Whether something in front may go to the operator now.
        var isReady: Bool { readyCount > 0 }

        /// `end` stands for the end of this input.
        func take(_ element: StreamElement, input: Int) throws {
            switch element {
            case .batch(let batch):
                if let last = queue.last, last.input != input, case .batch = last.element {
                    breaks += 1
                }
                rows += batch.count
            default:
                breaks += 1
            }
            queue.append((element, input))
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
            breaks = 0
        }

        /// How many elements in front may go to the operator now, as one.
        private var readyCount: Int {
            guard let first = queue.first else { return 0 }
            guard case .batch = first.element else { return 1 }
            guard external.canAccept else { return 0 }
            let mayWait = !isClosing && breaks == 0 && rows < mergedRows
            if mayWait && external.isPending { return 0 }
            var count = 0
            var rows = 0
            for entry in queue {
                guard rows < mergedRows, case .batch(let batch) = entry.element,
                    entry.input == first.input
                else { break }
                rows += batch.count
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
                if case .batch(let batch) = entry.element { rows -= batch.count }
            }
            queue.removeFirst(count)
            if case .batch = last.element {
                if let next = queue.first, next.input != last.input, case .batch = next.element {
                    breaks -= 1
                }
            } else {
                breaks -= 1
            }
        }
    }
}
