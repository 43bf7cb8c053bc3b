extension JobGraphBuilder {
    /// Refuses a job whose operators cannot be told apart by what the user calls them, or have no
    /// such name where the user wants one for each.
    func checkIdentities() throws {
        let generates = try configuration.boolean("pipeline.auto-generate-uids") ?? true
        var taken: Set<String> = []
        for node in nodes where node.isOperator {
            let settings = node.settings
            if let hash = settings.uidHash { try Self.checkHash(hash) }
            guard let identity = settings.uidHash?.lowercased() ?? settings.uid else {
                guard generates || !needsIdentity(node) else {
                    throw ValidationError(
                        "Auto generated UIDs have been disabled but no UID or hash has been "
                            + "assigned to operator \(settings.name)")
                }
                continue
            }
            guard taken.insert(identity).inserted else {
                throw ValidationError(
                    "Hash collision on user-specified ID \"\(identity)\". Most likely cause is a "
                        + "non-unique ID. Please check that all IDs specified via `uid(String)` "
                        + "are unique.")
            }
        }
    }

    /// Whether the user can give the node a name, and Flink would miss it.
    private func needsIdentity(_ node: Transformation) -> Bool {
        switch node.kind {
        case .python: !node.isSelector
        case .sink(.collect), .sink(.latency): false
        case .source:
            // With a watermark strategy it is one operator to the user, and named at its end.
            !nodes.contains { other in
                if case .watermarks = other.kind {
                    other.inputs.contains { $0 === node }
                } else {
                    false
                }
            }
        default: true
        }
    }

    private static func checkHash(_ hash: String) throws {
        guard hash.utf8.count == 32, hash.utf8.allSatisfy({ $0.isHexDigit }) else {
            throw ValidationError(
                "Node hash must be a 32 character String that describes a hex code. Found: "
                    + hash)
        }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
