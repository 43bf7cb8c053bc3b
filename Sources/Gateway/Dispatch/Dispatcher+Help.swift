import Py4J

/// Help pages in the layout of Py4J's.
extension Dispatcher {
    func help(for id: ObjectID, _ pattern: String?, _ short: Bool) throws -> Reply {
        let entry = try require(id)
        return page(entry.type, named: entry.object.gatewayTypeName, pattern, short)
    }

    func help(named name: String, _ pattern: String?, _ short: Bool) throws -> Reply {
        guard let type = types.named(name) else { throw Self.classNotFound(name) }
        return page(type, named: name, pattern, short)
    }

    private func page(
        _ type: ResolvedType, named name: String, _ pattern: String?, _ short: Bool
    ) -> Reply {
        let name = JavaNames.canonical(name)
        let separator = "|  " + String(repeating: "-", count: 60) + "\n"
        let gap = "\n|  \n"
        var text =
            "Help on class \(JavaNames.short(name)) in package \(JavaNames.package(name)):\n\n"
        text += declaration(type, name, short) + " {" + gap + "|  Methods defined here:" + gap
        let methods = type.declared.methods.map { method in
            let parameters = (method.parameters ?? [.object]).map {
                self.name($0.canonicalName, short)
            }
            return "\(method.name)(\(parameters.joined(separator: ", "))) : "
                + self.name(JavaNames.canonical(method.resultName), short)
        }
        for signature in methods.sorted() where Self.matches(signature, pattern) {
            text += "|  " + signature + gap
        }
        text += separator + "|  Fields defined here:" + gap
        let fields = type.declared.fields.map {
            "\($0.name) : \(self.name($0.type.canonicalName, short))"
        }
        for signature in fields.sorted() where Self.matches(signature, pattern) {
            text += "|  " + signature + gap
        }
        text += separator + "|  Internal classes defined here:" + gap
        for nested in types.nestedNames(of: type.name) {
            guard let inner = types.named("\(type.name)$\(nested)") else { continue }
            text += "|  " + declaration(inner, JavaNames.canonical(inner.name), short) + gap
        }
        return .value(.string(text + "}\n"))
    }

    private func declaration(_ type: ResolvedType, _ name: String, _ short: Bool) -> String {
        let parents = type.declared.parents.filter { $0 != TypeTable.objectName }
        let isInterface = { (name: String) in
            self.types.named(name)?.declared.isInterface ?? false
        }
        var text = self.name(name, short)
        if let superclass = parents.first(where: { !isInterface($0) }) {
            text += " extends \(JavaNames.canonical(superclass))"
        }
        let interfaces = parents.filter(isInterface).map(JavaNames.canonical)
        if !interfaces.isEmpty { text += " implements " + interfaces.joined(separator: ", ") }
        return text
    }

    private func name(_ name: String, _ short: Bool) -> String {
        short ? JavaNames.short(name) : name
    }

    /// Whether the whole text matches, where `*` stands for anything and `?` for one character or
    /// none. Takes time proportional to the product of the lengths at most.
    static func matches(_ text: String, _ pattern: String?) -> Bool {
        guard let pattern else { return true }
        let text = Array(text.utf8)
        let wanted = Array(pattern.utf8.drop { $0 == 0x20 })
        // reachable[i]: the pattern so far can match the first i bytes.
        var reachable = [Bool](repeating: false, count: text.count + 1)
        reachable[0] = true
        for symbol in wanted.prefix(1024) {
            var next = [Bool](repeating: false, count: text.count + 1)
            for index in 0...text.count {
                switch symbol {
                case UInt8(ascii: "*"):
                    next[index] = reachable[index] || (index > 0 && next[index - 1])
                case UInt8(ascii: "?"):
                    next[index] = reachable[index] || (index > 0 && reachable[index - 1])
                default:
                    next[index] = index > 0 && reachable[index - 1] && text[index - 1] == symbol
                }
            }
            reachable = next
        }
        return reachable[text.count]
    }
}
