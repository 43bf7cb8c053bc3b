/// A part of a file that one subtask reads: the lines that start in a range of its bytes.
public struct FileSplit: Hashable, Sendable {
    public var path: String
    public var start: Int64
    /// The first byte that is not in the split; `Int64.max` where it goes on to the end of the
    /// file, even if that has grown since.
    public var end: Int64

    /// The parts of all files for each of `parallelism` subtasks, in the order in which they are
    /// read. The files are thought of as one sequence of bytes that is cut evenly; files that
    /// cannot be cut, or are too small to be worth it, go whole to where their first byte is.
    ///
    /// - Parameters:
    ///   - isSplittable: whether reading may begin in the middle of a file.
    ///   - minimumSize: no part of a file that was cut is shorter, in bytes.
    public static func plan(
        _ files: [FoundFile], parallelism: Int, minimumSize: Int64 = 1 << 20,
        isSplittable: (FoundFile) -> Bool
    ) -> [[FileSplit]] {
        var plan = [[FileSplit]](repeating: [], count: parallelism)
        // Files with holes can be as long as the file system can count, and longer together.
        let total = files.reduce(Int128(0)) { $0 + Int128($1.size) }
        let share = max((total + Int128(parallelism) - 1) / Int128(parallelism), 1)
        var base: Int128 = 0
        for file in files {
            var subtask = min(Int(base / share), parallelism - 1)
            var start: Int64 = 0
            if isSplittable(file) {
                while subtask + 1 < parallelism {
                    let offset = share * Int128(subtask + 1) - base
                    if Int128(file.size) - offset < Int128(minimumSize) { break }
                    let cut = Int64(offset)
                    if cut - start >= minimumSize {
                        plan[subtask].append(FileSplit(path: file.path, start: start, end: cut))
                        start = cut
                    }
                    subtask += 1
                }
            }
            plan[subtask].append(FileSplit(path: file.path, start: start, end: .max))
            base += Int128(file.size)
        }
        return plan
    }
}
