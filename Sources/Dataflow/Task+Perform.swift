import Columnar

/// How a task does it.
extension Task {
    /// Does what `nextAction` or `actions` offered. After an error the task has failed and is
    /// closed; `CancellationError` if it was cancelled.
    public func perform(_ action: Action) throws {
        do {
            if isCancelled { throw CancellationError() }
            try dispatch(action)
        } catch {
            phase = .failed
            close()
            throw error
        }
    }

    private func dispatch(_ action: Action) throws {
        switch action {
        case .open: try open()
        case .deliver(let index): try deliver(index)
        case .flush(let index):
            try located(index) { try intakes[index]?.flush() }
        case .advance(let index):
            guard let operation = chain[index].operator as? any TimedOperator else { return }
            try located(index) {
                try operation.advance(to: chain[index].context.clock.now(), into: links[index])
            }
        case .inject:
            guard let barrier = takeBarrier() else { return }
            try pass(.barrier(barrier), input: 0, to: 0)
        case .receive(let channel): try receive(channel)
        case .poll: try poll()
        case .finish: try finish()
        }
    }

    private func open() throws {
        for index in chain.indices.reversed() {
            try located(index) { try chain[index].operator.open(chain[index].context) }
        }
        phase = .running
        // A task without channels has read all there is.
        if gate?.hasEnded ?? false { beginFinishing(at: 0) }
    }

    private func deliver(_ index: Int) throws {
        guard let external = chain[index].operator as? any ExternalOperator else { return }
        try located(index) {
            try external.deliver(into: links[index])
            // It may have been all that the rows in front waited for.
            try intakes[index]?.flush()
        }
    }

    private func receive(_ channel: Int) throws {
        guard let element = gate?.take(channel), let input = gate?.channels[channel].input else {
            return
        }
        if case .batch(let batch) = element {
            metrics.countIn(rows: batch.count)
            return try pass(element, input: input, to: 0)
        }
        for event in gate?.control(element, channel: channel) ?? [] {
            switch event {
            case .control(let result):
                if case .watermark(let value) = result { metrics.advanced(to: value) }
                try pass(result, input: input, to: 0)
            case .inputEnded(let input):
                try pass(.end, input: input, to: 0)
            }
        }
        if gate?.hasEnded ?? false { beginFinishing(at: 0) }
    }

    private func poll() throws {
        guard let source else { return }
        // Lowered first: a notification during the poll may be about what the poll did not see.
        forgetSourceNotice()
        sourceProgress = try located(0) { try source.poll(into: links[0]) }
        metrics.advanced(to: sourceWatermark)
        if sourceProgress == .finished { beginFinishing(at: 0) }
    }

    private func beginFinishing(at index: Int) {
        phase = .finishing(index, called: false)
        intakes[index]?.isClosing = true
    }

    private func finish() throws {
        guard case .finishing(let index, let called) = phase else { return }
        if !called {
            try located(index) { try chain[index].operator.finish(into: links[index]) }
            if index == 0 && source != nil { try endOfEventTime() }
            phase = .finishing(index, called: true)
            if (chain[index].operator as? any ExternalOperator)?.isPending ?? false { return }
        }
        if index + 1 < chain.count { return beginFinishing(at: index + 1) }
        for edge in outputs { try edge.send(.end) }
        phase = .finished
        close()
    }

    /// A source that has finished lets every timer fire and every window close.
    private func endOfEventTime() throws {
        if sourceStatus == .idle { try links[0].emit(.status(.active)) }
        if sourceWatermark < .max { try links[0].emit(.watermark(.max)) }
        metrics.advanced(to: .max)
    }
}
