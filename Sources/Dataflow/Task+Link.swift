import Columnar

extension Task {
    /// Where the operator at one place of the chain emits to: the next one, or the outputs.
    final class Link: Output {
        /// The task owns its links.
        private unowned let task: Task
        private let index: Int

        init(_ task: Task, after index: Int) {
            self.task = task
            self.index = index
        }

        func emit(_ element: StreamElement) throws {
            switch element {
            case .batch(let batch):
                if batch.count == 0 { return }
            case .watermark(let value):
                if index == 0 { task.sourceWatermark = value }
            case .status(let status):
                if index == 0 { task.sourceStatus = status }
            case .barrier:
                // Here the operator is exactly at the barrier: the place to snapshot its state.
                break
            case .end:
                throw JobError(
                    code: "internal", "an operator sent the end of its stream, as only tasks do",
                    location: task.place(index))
            }
            let next = index + 1
            if next < task.chain.count {
                try task.pass(element, input: 0, to: next)
            } else {
                try task.send(element, from: index)
            }
        }

        func emit(_ batch: Batch, toSide side: Int) throws {
            try task.send(batch, toSide: side, from: index)
        }
    }

    /// Sends rows that the operator at one place has emitted aside.
    fileprivate func send(_ batch: Batch, toSide side: Int, from index: Int) throws {
        metrics.countOut(rows: batch.count)
        for edge in outputs where edge.side == side {
            try located(index) { try edge.send(.batch(batch)) }
        }
    }

    /// Gives an element to the operator at one place of the chain; `end` is that of an input.
    func pass(_ element: StreamElement, input: Int, to index: Int) throws {
        try located(index) {
            if let intake = intakes[index] { return try intake.take(element, input: input) }
            let target = chain[index].operator
            switch element {
            case .batch(let batch):
                try target.process(batch, input: input, into: links[index])
            case .end: try target.inputEnded(input, into: links[index])
            default: try target.control(element, into: links[index])
            }
        }
    }

    /// Sends what the last operator has emitted.
    private func send(_ element: StreamElement, from index: Int) throws {
        if case .batch(let batch) = element {
            metrics.countOut(rows: batch.count)
            for edge in outputs where edge.side == 0 {
                try located(index) { try edge.send(element) }
            }
            return
        }
        for edge in outputs {
            try located(index) { try edge.send(element) }
        }
        if case .barrier(let barrier) = element { onBarrier?(barrier) }
    }

    /// Adds the operator's name to an error that has none yet.
    func located<R>(_ index: Int, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as CancellationError {
            throw error
        } catch {
            let known = error as? JobError ?? JobError(code: "internal", "\(error)")
            throw known.located(place(index))
        }
    }

    /// `Map (2/4)`.
    func place(_ index: Int) -> String {
        let context = chain[index].context
        return "\(context.name) (\(context.subtask + 1)/\(context.parallelism))"
    }
}
