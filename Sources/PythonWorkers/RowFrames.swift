import Columnar
import Dataflow

/// Batches as the bodies of frames.
enum RowFrames {
    /// The rows from `start` on, as many as the bounds allow, but one at least.
    static func slice(of batch: Batch, from start: Int, maxRows: Int, maxBytes: Int) -> Batch {
        var end = min(start + max(maxRows, 1), batch.count)
        while end - start > 1, byteCount(of: batch, start..<end) > maxBytes {
            end = start + (end - start) / 2
        }
        return start == 0 && end == batch.count ? batch : batch.slice(start..<end)
    }

    /// About how many bytes the rows take.
    static func byteCount(of batch: Batch, _ rows: Range<Int>) -> Int {
        batch.columns.reduce(0) { $0 + byteCount(of: $1, rows) }
    }

    private static func byteCount(of column: Column, _ rows: Range<Int>) -> Int {
        0
    }

    static func encode(
        _ batch: Batch, spec: PythonStageSpec, place: String
    ) throws -> (parts: [Buffer], byteCount: Int) {
        throw JobError(code: "todo", "no codec yet")
    }

    static func decode(_ frame: Frame, spec: PythonStageSpec, place: String) throws -> Batch {
        throw JobError(code: "todo", "no codec yet")
    }
}
