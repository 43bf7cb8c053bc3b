import Glibc
import Synchronization

@testable import Connectors

/// Names that count up instead of being random.
final class NameCounter: Sendable {
    private let count = Atomic(0)
    func next() -> String { "u\(count.add(1, ordering: .relaxed).oldValue)" }
}

/// A file system in memory that can fail, or lose what was not synced, at any step.
///
/// Sound to share: a test uses it from one thread.
final class MemoryStorage: SinkStorage, @unchecked Sendable {
    enum Operation { case create, write, sync, rename, truncate }

    struct Crash: Error {}

    private final class Node {
        var bytes: [UInt8] = []
        var synced = 0
    }

    private var nodes: [String: Node] = [:]
    /// The next operation of this kind fails with this error.
    var failure: (Operation, Int32)?
    /// How many operations still succeed before the machine stops; nil: all.
    var stepsLeft: Int?
    private(set) var steps = 0
    private(set) var hasCrashed = false

    var names: [String] { nodes.keys.sorted() }
    var contents: [String: String] {
        nodes.mapValues { String(decoding: $0.bytes, as: UTF8.self) }
    }
    func bytes(_ path: String) -> [UInt8]? { nodes[path]?.bytes }

    /// What the disk holds after a power failure.
    func afterPowerFailure() -> MemoryStorage {
        let copy = MemoryStorage()
        copy.nodes = nodes.mapValues {
            let node = Node()
            node.bytes = Array($0.bytes.prefix($0.synced))
            node.synced = $0.synced
            return node
        }
        return copy
    }

    private func step(_ operation: Operation, _ path: String) throws(FileError) {
        if let (kind, number) = failure, kind == operation {
            throw FileError(number, "\(operation)", path)
        }
        if let left = stepsLeft {
            guard left > 0 else {
                hasCrashed = true
                throw FileError(EIO, "crash at", path)
            }
            stepsLeft = left - 1
        }
        steps += 1
    }

    func createDirectory(_ path: String) {}

    func create(_ path: String) throws(FileError) -> any SinkFile {
        try step(.create, path)
        guard nodes[path] == nil else { throw FileError(EEXIST, "create", path) }
        let node = Node()
        nodes[path] = node
        return File(self, node, path)
    }

    func rename(_ path: String, to target: String) throws(FileError) {
        try step(.rename, path)
        guard let node = nodes.removeValue(forKey: path) else {
            throw FileError(ENOENT, "rename", path)
        }
        nodes[target] = node
    }

    func exists(_ path: String) -> Bool { nodes[path] != nil }

    func truncate(_ path: String, to size: Int64) throws(FileError) {
        try step(.truncate, path)
        guard let node = nodes[path] else { throw FileError(ENOENT, "truncate", path) }
        node.bytes = Array(node.bytes.prefix(Int(size)))
        node.synced = node.bytes.count
    }

    func remove(_ path: String) { nodes[path] = nil }

    private final class File: SinkFile {
        private let storage: MemoryStorage
        private let node: Node
        private let path: String

        init(_ storage: MemoryStorage, _ node: Node, _ path: String) {
            self.storage = storage
            self.node = node
            self.path = path
        }

        func write(_ bytes: [UInt8]) throws(FileError) {
            do { try storage.step(.write, path) } catch {
                // Half of it may have got there.
                node.bytes += bytes.prefix(bytes.count / 2)
                throw error
            }
            node.bytes += bytes
        }

        func sync() throws(FileError) {
            try storage.step(.sync, path)
            node.synced = node.bytes.count
        }

        func close() {}
    }
}
