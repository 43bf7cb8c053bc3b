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
            let next = index + 1
            guard next < task.chain.count else {
                if case .batch(let batch) = element { task.metrics.countOut(rows: batch.count) }
                for edge in task.outputs {
                    try task.located(index) { try edge.send(element) }
                }
                return
            }
            let target = task.chain[next].operator
            try task.located(next) {
                switch element {
                case .batch(let batch):
                    if batch.count > 0 {
                        try target.process(batch, input: 0, into: task.links[next])
                    }
                case .end: break
                default: try target.control(element, into: task.links[next])
                }
            }
        }
    }

    /// Adds the operator's name to an error that has none yet.
    func located<R>(_ index: Int, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as CancellationError {
            throw error
        } catch {
            let context = chain[index].context
            let known = error as? JobError ?? JobError(code: "internal", "\(error)")
            throw known.located("\(context.name) (\(context.subtask + 1)/\(context.parallelism))")
        }
    }
}
