extension JobGraph {
    /// The plan as Flink's `getExecutionPlan` gives it: a JSON object with `nodes`.
    public func plan() -> String {
        let nodes = vertices.indices.map(planNode).joined(separator: ", ")
        return "{\"nodes\" : [ \(nodes) ]}"
    }

    private func planNode(_ index: Int) -> String {
        let vertex = vertices[index]
        let id = vertex.operators[0].nodeIDs[0]
        let pact =
            switch (vertex.operators.first?.kind, vertex.operators.last?.kind) {
            case (.source?, _): "Data Source"
            case (_, .sink?): "Data Sink"
            default: "Operator"
            }
        var fields = [
            "\"id\" : \(id)",
            "\"type\" : \(quoted(vertex.name))",
            "\"pact\" : \"\(pact)\"",
            "\"contents\" : \(quoted(vertex.description))",
            "\"parallelism\" : \(vertex.parallelism)",
        ]
        if !vertex.inputs.isEmpty {
            let predecessors = vertex.inputs.map { edge in
                let source = vertices[edge.source].operators[0].nodeIDs[0]
                return "{\"id\" : \(source), \"ship_strategy\" : "
                    + "\"\(edge.partitioning.strategyName)\", \"side\" : \"second\"}"
            }
            fields.append("\"predecessors\" : [ \(predecessors.joined(separator: ", ")) ]")
        }
        return "{ \(fields.joined(separator: ", ")) }"
    }
}

/// `text` as a JSON string.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
