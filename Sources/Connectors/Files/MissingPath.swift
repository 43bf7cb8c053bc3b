/// Helps a user to see what is wrong with a path.
enum MissingPath {
    /// ` in /data: it has in.txt and input.txt`, or which directory above is missing.
    static func explanation(of path: String) -> String {
        var missing = path
        var parent = LocalPath.parent(path)
        while true {
            if case .success(let status) = LocalPath.status(parent) {
                guard status.kind == .directory else {
                    return ": \(parent) is a file, not a directory"
                }
                break
            }
            guard parent != ".", parent != "/" else { return "" }
            missing = parent
            parent = LocalPath.parent(parent)
        }
        let shown = parent == "." ? "the working directory" : parent
        let names = (try? LocalPath.list(parent)) ?? []
        let wanted = String(LocalPath.name(missing))
        var text = missing == path ? "" : "; \(shown) has no \(wanted)"
        let similar = similarNames(to: wanted, in: names)
        if !similar.isEmpty {
            let list = similar.map { LocalPath.join(parent, $0) }.joined(separator: " or ")
            text += "; did you mean \(list)?"
        } else if names.isEmpty {
            text += "; \(shown) is empty"
        } else if missing == path {
            text += "; \(shown) exists, without anything of a similar name"
        }
        return text
    }

    /// At most three names that differ little, the closest first.
    static func similarNames(to wanted: String, in names: [String]) -> [String] {
        let target = Array(wanted.lowercased().unicodeScalars)
        let allowed = max(1, target.count / 3)
        var scored: [(distance: Int, name: String)] = []
        for name in names.prefix(10_000) {
            let scalars = Array(name.lowercased().unicodeScalars)
            if abs(scalars.count - target.count) > allowed { continue }
            let distance = distance(target, scalars)
            if distance <= allowed { scored.append((distance, name)) }
        }
        scored.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return scored.prefix(3).map(\.name)
    }

    /// The edits between two names, swapped neighbours counted as one.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                var best = min(
                    previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, before[j - 1] + 1)
                }
                current.append(best)
            }
            before = previous
            previous = current
        }
        return previous[b.count]
    }
}
