import Columnar
import PythonWorkers

/// Turns the nodes that a program built into chains: which operators share a task, which Python
/// functions share a call of the worker, and how rows travel between the rest.
struct JobGraphBuilder {
    var name: String
    var nodes: [Transformation]
    var configuration: Configuration
    var defaultParallelism: Int
    var defaultMaxParallelism: Int?

    /// An edge between two operators, with the virtual nodes between them folded in.
    private struct Link {
        var source: Transformation
        var target: Transformation
        /// nil: forward where the parallelism agrees, else rebalance.
        var partitioning: Partitioning?
        /// Which input of the target.
        var input = 0
        /// The side output of the source that it takes; nil: the main output.
        var side: PythonStageSpec.SideOutput?
    }

    /// Where the rows of a node come from, with the virtual nodes folded in.
    private struct Origin {
        var node: Transformation
        var partitioning: Partitioning?
        var side: PythonStageSpec.SideOutput?
    }

    static func parallelism(of node: Transformation, default fallback: Int) -> Int {
        switch node.kind {
        case .partition, .union, .sideOutput:
            // A virtual node takes after its input.
            return node.inputs.first.map { parallelism(of: $0, default: fallback) } ?? fallback
        default:
            if node.settings.isNonParallel { return 1 }
            // A key selector belongs to the operator whose rows it reads.
            if node.isSelector, node.settings.parallelism == nil, let input = node.inputs.first {
                return parallelism(of: input, default: fallback)
            }
            return node.settings.parallelism ?? node.settings.inheritedParallelism ?? fallback
        }
    }

    private func parallelism(_ node: Transformation) -> Int {
        Self.parallelism(of: node, default: defaultParallelism)
    }

    func build() throws -> JobGraph {
        let isBatch = try runsAsBatch()
        try checkIdentities()
        let chaining = try ChainingRules(configuration)
        let links = nodes.filter(\.isOperator).flatMap(links(into:))
        let sides = try sideOutputs(links)
        let order = operatorsInOrder()
        let consumers = Dictionary(grouping: links, by: { ObjectIdentifier($0.source) })
        let producers = Dictionary(grouping: links, by: { ObjectIdentifier($0.target) })

        var graph = JobGraph(
            name: name, isBatch: isBatch, configuration: configuration, vertices: [])
        var vertexOf: [ObjectIdentifier: Int] = [:]
        for node in order {
            let incoming = producers[ObjectIdentifier(node)] ?? []
            if let link = incoming.first, incoming.count == 1,
                consumers[ObjectIdentifier(link.source)]!.count == 1, try canChain(link, chaining),
                let vertex = vertexOf[ObjectIdentifier(link.source)]
            {
                try append(
                    operatorSpec(node, sides), behind: link, to: &graph.vertices[vertex])
                vertexOf[ObjectIdentifier(node)] = vertex
                continue
            }
            let edges = try incoming.map { link in
                JobGraph.Edge(
                    source: vertexOf[ObjectIdentifier(link.source)]!,
                    partitioning: try partitioning(of: link), keyType: link.source.keyType,
                    input: link.input,
                    side: link.side.flatMap { sides[link.source.id]?.firstIndex(of: $0) }
                        .map { $0 + 1 } ?? 0)
            }
            guard parallelism(node) <= maxParallelism(node) else {
                throw ValidationError(
                    "Vertex \(displayName(node))'s parallelism (\(parallelism(node))) is higher than "
                        + "the max parallelism (\(maxParallelism(node))). Please lower the "
                        + "parallelism or increase the max parallelism.")
            }
            graph.vertices.append(
                JobGraph.Vertex(
                    operators: [operatorSpec(node, sides)], parallelism: parallelism(node),
                    maxParallelism: maxParallelism(node), inputs: edges))
            vertexOf[ObjectIdentifier(node)] = graph.vertices.count - 1
        }
        settleKeys(&graph)
        try tellPartitioners(&graph)
        return graph
    }

    // MARK: Reading the nodes

    private func runsAsBatch() throws -> Bool {
        switch configuration["execution.runtime-mode"]?.uppercased() ?? "STREAMING" {
        case "STREAMING": return false
        case "BATCH":
            for node in nodes {
                if case .source(let source) = node.kind, !source.isBounded {
                    throw ValidationError(
                        "Detected an UNBOUNDED source ('\(node.settings.name)') with the "
                            + "'execution.runtime-mode' set to 'BATCH'. This combination is not "
                            + "allowed, please set the 'execution.runtime-mode' to STREAMING or "
                            + "AUTOMATIC")
                }
            }
            return true
        case "AUTOMATIC":
            return nodes.allSatisfy {
                if case .source(let source) = $0.kind { source.isBounded } else { true }
            }
        case let other:
            throw ValidationError(
                "'execution.runtime-mode' must be STREAMING, BATCH or AUTOMATIC, not '\(other)'.")
        }
    }

    private func links(into target: Transformation) -> [Link] {
        target.inputs.enumerated().flatMap { index, input in
            origins(of: input).map {
                Link(
                    source: $0.node, target: target, partitioning: $0.partitioning, input: index,
                    side: $0.side)
            }
        }
    }

    /// What each operator sends aside, by its identifier, in the order of the program.
    private func sideOutputs(_ links: [Link]) throws -> [Int: [PythonStageSpec.SideOutput]] {
        var found: [Int: [PythonStageSpec.SideOutput]] = [:]
        for link in links {
            guard let side = link.side else { continue }
            let known = found[link.source.id, default: []]
            if known.contains(side) { continue }
            if let other = known.first(where: { $0.tag == side.tag }) {
                throw ValidationError(
                    "The side output '\(side.tag)' of '\(displayName(link.source))' is read with "
                        + "different types: \(other.type) and \(side.type).")
            }
            found[link.source.id] = known + [side]
        }
        return found
    }

    private func origins(
        of node: Transformation, partitioning: Partitioning? = nil,
        side: PythonStageSpec.SideOutput? = nil
    ) -> [Origin] {
        switch node.kind {
        case .partition(let own):
            // The partitioning nearest to the consumer counts.
            return node.inputs.flatMap {
                origins(of: $0, partitioning: partitioning ?? own, side: side)
            }
        case .union:
            return node.inputs.flatMap { origins(of: $0, partitioning: partitioning, side: side) }
        case .sideOutput(let tag):
            let side = PythonStageSpec.SideOutput(tag: tag, type: node.outputType ?? .pickled)
            return node.inputs.flatMap { origins(of: $0, partitioning: partitioning, side: side) }
        case .python(let step) where step.kind == .keyBy && side == nil:
            return [Origin(node: node, partitioning: partitioning ?? .hash)]
        case .python(let step) where step.kind == .partition && side == nil:
            return [Origin(node: node, partitioning: partitioning ?? .custom)]
        default:
            return [Origin(node: node, partitioning: partitioning, side: side)]
        }
    }

    /// Producers before consumers; otherwise as the program built them.
    private func operatorsInOrder() -> [Transformation] {
        // An input exists before the node that reads it, so identifiers are in order already.
        nodes.filter(\.isOperator).sorted { $0.id < $1.id }
    }

    private func maxParallelism(_ node: Transformation) -> Int {
        let chosen = node.settings.maxParallelism ?? defaultMaxParallelism
        return chosen ?? KeyGroup.defaultMaxParallelism(parallelism: parallelism(node))
    }

    // MARK: Chaining

    private func partitioning(of link: Link) throws -> Partitioning {
        let (source, target) = (parallelism(link.source), parallelism(link.target))
        guard let chosen = link.partitioning else {
            return source == target ? .forward : .rebalance
        }
        guard chosen != .forward || source == target else {
            throw ValidationError(
                "Forward partitioning does not allow change of parallelism. Upstream operation: "
                    + "\(displayName(link.source))-\(link.source.id) parallelism: \(source), "
                    + "downstream operation: \(displayName(link.target))-\(link.target.id) "
                    + "parallelism: \(target) You must use another partitioning strategy, such as "
                    + "broadcast, rebalance, shuffle or global.")
        }
        return chosen
    }

    private func canChain(_ link: Link, _ rules: ChainingRules) throws -> Bool {
        let (source, target) = (link.source, link.target)
        guard link.side == nil, parallelism(source) == parallelism(target), rules.isEnabled,
            rules.allowsDifferentMaxParallelism || maxParallelism(source) == maxParallelism(target),
            source.settings.chaining != .never, target.settings.chaining == .always,
            (source.settings.slotSharingGroup ?? "default")
                == (target.settings.slotSharingGroup ?? source.settings.slotSharingGroup
                    ?? "default")
        else { return false }
        // Between two single instances every partitioning is the same, and needs no exchange.
        return try partitioning(of: link) == .forward || parallelism(source) == 1
    }

    private func operatorSpec(
        _ node: Transformation, _ sides: [Int: [PythonStageSpec.SideOutput]]
    ) -> JobGraph.OperatorSpec {
        let kind: JobGraph.OperatorSpec.Kind =
            switch node.kind {
            case .source(let spec): .source(spec)
            case .python(let step): .python([named(step, node)])
            case .watermarks(let spec): .watermarks(spec)
            case .sink(let spec): .sink(spec)
            case .partition, .union, .sideOutput: preconditionFailure("not an operator")
            }
        let second = node.inputs.count > 1 ? node.inputs[1] : nil
        return JobGraph.OperatorSpec(
            nodeIDs: [node.id], name: displayName(node),
            description: node.settings.description ?? displayName(node),
            uid: node.settings.uidHash?.lowercased() ?? node.settings.uid ?? "\(node.id)",
            kind: kind,
            inputType: node.inputs.first?.outputType, inputKeyType: node.inputs.first?.keyType,
            outputType: node.outputType,
            outputKeyType: node.keyType,
            secondInputType: second?.outputType, secondInputKeyType: second?.keyType,
            sideOutputs: sides[node.id] ?? [])
    }

    private func named(
        _ step: PythonStageSpec.Step, _ node: Transformation
    ) -> PythonStageSpec.Step {
        var step = step
        step.name = node.settings.name
        return step
    }

    private func displayName(_ node: Transformation) -> String {
        switch node.kind {
        case .source: "Source: \(node.settings.name)"
        case .sink: "Sink: \(node.settings.name)"
        default: node.settings.name
        }
    }

    private func append(
        _ next: JobGraph.OperatorSpec, behind link: Link, to vertex: inout JobGraph.Vertex
    ) throws {
        let last = vertex.operators.count - 1
        if case .python(let steps) = vertex.operators[last].kind,
            case .python(let more) = next.kind, more.first?.kind != .async
        {
            // Adjacent Python functions are one call of the worker. Where Flink has an exchange in
            // between, a function must not see more of the value than that would leave.
            vertex.operators[last].kind = .python(steps + (try exchange(link)) + more)
            vertex.operators[last].name += ", " + next.name
            vertex.operators[last].description += ", " + next.description
            vertex.operators[last].nodeIDs += next.nodeIDs
            vertex.operators[last].outputType = next.outputType
            vertex.operators[last].outputKeyType = next.outputKeyType
            vertex.operators[last].sideOutputs = next.sideOutputs
        } else {
            // Within a task no keys travel; a stage that waits for results starts with a worker of
            // its own, so that functions before it do not hold up its event loop.
            var next = next
            next.inputKeyType = nil
            vertex.operators.append(next)
        }
    }

    private func exchange(_ link: Link) throws -> [PythonStageSpec.Step] {
        // A key selector has what it keys pass through its type as it is.
        guard try partitioning(of: link) != .forward, link.source.keyType == nil else { return [] }
        return [
            .init(
                .exchange, name: link.source.settings.name, function: [],
                output: link.source.outputType)
        ]
    }

    /// A custom partitioner is told how many channels it can choose from.
    private func tellPartitioners(_ graph: inout JobGraph) throws {
        for target in graph.vertices {
            for edge in target.inputs where edge.partitioning == .custom {
                let last = graph.vertices[edge.source].operators.count - 1
                guard case .python(var steps) = graph.vertices[edge.source].operators[last].kind,
                    var step = steps.popLast()
                else { continue }
                let known = step.options["channels"]
                guard known == nil || known == MessagePack(target.parallelism) else {
                    throw ValidationError(
                        "Consumers of the custom partitioning '\(step.name)' differ in "
                            + "parallelism; partition the stream once for each of them.")
                }
                step.options["channels"] = MessagePack(target.parallelism)
                graph.vertices[edge.source].operators[last].kind = .python(steps + [step])
            }
        }
    }

    /// A key travels only over an exchange that needs it; elsewhere it is neither encoded nor sent.
    private func settleKeys(_ graph: inout JobGraph) {
        for index in graph.vertices.indices {
            let needsKey = graph.vertices.contains { vertex in
                vertex.inputs.contains {
                    $0.source == index && ($0.partitioning == .hash || $0.partitioning == .custom)
                }
            }
            let last = graph.vertices[index].operators.count - 1
            for position in 0...last where position < last || !needsKey {
                graph.vertices[index].operators[position].outputKeyType = nil
            }
        }
        for index in graph.vertices.indices {
            // Only a hash exchange delivers keys, and only Python functions read them; the index
            // of a custom exchange is dropped on the way.
            let edges = graph.vertices[index].inputs
            let isPython =
                if case .python = graph.vertices[index].operators[0].kind { true } else { false }
            func hasKeys(_ input: Int) -> Bool {
                isPython && edges.allSatisfy { $0.input != input || $0.partitioning == .hash }
            }
            if !hasKeys(0) { graph.vertices[index].operators[0].inputKeyType = nil }
            if !hasKeys(1) { graph.vertices[index].operators[0].secondInputKeyType = nil }
        }
    }
}
