import Columnar

/// What a task can do.
extension Task {
    /// The most urgent of what can be done now: results before input, so that work leaves before
    /// more comes in.
    public func nextAction(now: Int64) -> Action? {
        var first: Action?
        visitActions(now: now, waitingForResults: false) { action in
            first = action
            return false
        }
        return first
    }

    /// All that can be done now, if taking a result may wait for it.
    public func actions(now: Int64) -> [Action] {
        var actions: [Action] = []
        visitActions(now: now, waitingForResults: true) { action in
            actions.append(action)
            return true
        }
        return actions
    }

    /// When something will be to do even if nothing else happens; milliseconds of the clock.
    ///
    /// What is due already but must wait, for a full channel, say, is not counted: it becomes
    /// possible when the signal is raised, not by the passing of time.
    public func nextWake(after now: Int64) -> Int64? {
        guard !isOver, phase != .created else { return nil }
        var earliest: Int64?
        func consider(_ time: Int64) {
            if time > now { earliest = min(earliest ?? time, time) }
        }
        for entry in timed where entry.index >= firstUnfinished {
            if let deadline = entry.operator.nextDeadline { consider(deadline) }
        }
        if phase == .running, source != nil, case .idle(let until) = sourceProgress {
            consider(until)
        }
        return earliest
    }

    /// Whether a result, or more from a source, may still come from outside.
    public var awaitsOutside: Bool {
        if isOver { return false }
        if phase == .running, source != nil, sourceProgress == .waiting { return true }
        for external in externals where external.operator.isPending { return true }
        return false
    }

    /// Calls `visit` for what can be done, the most urgent first, until it answers false.
    ///
    /// Nothing is offered whose results could not be taken: an external operator must accept what
    /// those before it emit, and the outputs what the last ones do.
    private func visitActions(
        now: Int64, waitingForResults: Bool, _ visit: (Action) -> Bool
    ) {
        if phase == .created {
            _ = visit(.open)
            return
        }
        guard !isOver else { return }
        for external in externals.reversed() {
            let operation = external.operator
            guard operation.hasDelivery || (waitingForResults && operation.isPending),
                mayEmit(after: external.index)
            else { continue }
            if !visit(.deliver(external.index)) { return }
        }
        for external in externals {
            // What was let in before may go on although the outputs are full by now.
            guard let intake = intakes[external.index], intake.isReady else { continue }
            if !visit(.flush(external.index)) { return }
        }
        for entry in timed where entry.index >= firstUnfinished {
            guard let deadline = entry.operator.nextDeadline, deadline <= now,
                mayEmit(after: entry.index)
            else { continue }
            if !visit(.advance(entry.index)) { return }
        }
        switch phase {
        case .running: visitInputs(now: now, visit)
        case .finishing(let index, let called):
            if mayFinish(index, called: called) { _ = visit(.finish) }
        case .created, .finished, .failed: return
        }
    }

    private func visitInputs(now: Int64, _ visit: (Action) -> Bool) {
        if hasBarrier, !visit(.inject) { return }
        guard mayTakeMore else { return }
        if source != nil {
            if sourceHasMore(now: now) { _ = visit(.poll) }
            return
        }
        guard let gate else { return }
        for step in gate.channels.indices {
            let channel = gate.turn(step)
            if gate.offers(channel), !visit(.receive(channel)) { return }
        }
    }

    private func sourceHasMore(now: Int64) -> Bool {
        switch sourceProgress {
        case .more: true
        case .idle(let until): now >= until || sourceWasNotified
        case .waiting: sourceWasNotified
        case .finished: false
        }
    }

    private func mayFinish(_ index: Int, called: Bool) -> Bool {
        if let external = chain[index].operator as? any ExternalOperator {
            // What it handed out must come back before the next one finishes.
            if called { return !external.isPending }
            guard intakes[index]?.isEmpty ?? true, external.canAccept else { return false }
        }
        return mayEmit(after: index)
    }

    /// The operators before this one have nothing more to do.
    private var firstUnfinished: Int {
        if case .finishing(let index, _) = phase { index } else { 0 }
    }

    private var mayTakeMore: Bool {
        for external in externals where !external.operator.canAccept { return false }
        return !outputsAreFull
    }

    /// Whether the operator at this place may emit: into the next external operator if there is
    /// one, else into the outputs.
    private func mayEmit(after index: Int) -> Bool {
        guard let last = externals.last, last.index > index else { return !outputsAreFull }
        for external in externals where external.index > index && !external.operator.canAccept {
            return false
        }
        return true
    }

    var outputsAreFull: Bool {
        for edge in outputs where edge.isFull { return true }
        return false
    }

    /// Why nothing can be done now, for messages about deadlocks.
    var waitsFor: String {
        var reasons: [String] = []
        for external in externals {
            let place = place(external.index)
            if external.operator.isPending { reasons.append("results of \(place)") }
            if !external.operator.canAccept { reasons.append("room in \(place)") }
        }
        for (index, edge) in outputs.enumerated() {
            for (target, channel) in edge.channels.enumerated() where channel.isFull {
                reasons.append("room in channel \(target) of output \(index)")
            }
        }
        if phase == .running {
            if let gate { reasons.append(gate.waitsFor) } else { reasons.append("its source") }
        }
        return reasons.isEmpty ? "nothing" : reasons.joined(separator: ", ")
    }
}
