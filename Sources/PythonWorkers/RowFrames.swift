import Columnar
import Dataflow

/// Batches as the bodies of frames. Pure.
enum RowFrames {
    /// The rows from `start` on, as many as the bounds allow, but one at least.
    static func slice(of batch: Batch, from start: Int, maxRows: Int, maxBytes: Int) -> Batch {
        var end = min(start + max(maxRows, 1), batch.count)
        while end - start > 1, byteCount(of: batch, start..<end) > maxBytes {
            end = start + (end - start) / 2
        }
        return start == 0 && end == batch.count ? batch : batch.slice(start..<end)
    }

    /// About how many bytes the rows take: their values, without bitmaps and padding.
    static func byteCount(of batch: Batch, _ rows: Range<Int>) -> Int {
        batch.columns.reduce(0) { $0 + byteCount(of: $1, rows) }
    }

    private static func byteCount(of column: Column, _ rows: Range<Int>) -> Int {
        switch column.type.layout {
        case .none: 0
        case .bits: rows.count / 8
        case .fixed(let width): rows.count * width
        case .variable: rows.count * 4 + elements(of: column, rows).count
        case .list:
            column.children.reduce(rows.count * 4) {
                $0 + byteCount(of: $1, elements(of: column, rows))
            }
        case .fields:
            column.children.indices.reduce(0) { $0 + byteCount(of: column.field($1), rows) }
        }
    }

    /// What the offsets of the rows span.
    private static func elements(of column: Column, _ rows: Range<Int>) -> Range<Int> {
        if rows.isEmpty { return 0..<0 }
        let offsets = column.offsets
        return Int(offsets[rows.lowerBound])..<Int(offsets[rows.upperBound])
    }

    static func encode(
        _ batch: Batch, spec: PythonStageSpec, input: Int = 0, place: String
    ) throws(JobError) -> BatchFrame {
        let value = input == 0 ? spec.input : spec.secondInput ?? spec.input
        let key = input == 0 ? spec.inputKey : spec.secondInputKey
        let types = [value] + (key.map { [$0] } ?? [])
        // A key that the stage does not declare stays behind: its functions cannot ask for it.
        guard batch.columns.count >= types.count,
            zip(batch.columns, types).allSatisfy({ $0.type.kind == $1.kind })
        else {
            let given = batch.columns.map(\.type.description).joined(separator: ", ")
            let declared = types.map(\.description).joined(separator: ", ")
            throw JobError(
                code: "plan-mismatch",
                "rows of (\(given)) came where the plan declares (\(declared))",
                location: place)
        }
        let columns = Array(batch.columns.prefix(types.count))
        do throws(BatchCodecError) {
            return try BatchCodec.encode(
                batch.with(columns: columns), includeTimestamps: batch.timestamps != nil,
                includeRowKinds: batch.rowKinds != nil)
        } catch {
            throw JobError(code: "bad-value", "\(error)", location: place)
        }
    }

    static func decode(
        _ frame: Frame, spec: PythonStageSpec, place: String
    ) throws(JobError) -> Batch {
        let output = frame.header.index
        guard output <= spec.sideOutputs.count else {
            throw .protocolError("rows of an output that the stage does not have", place: place)
        }
        let types =
            output == 0
            ? [spec.output] + (spec.outputKey.map { [$0] } ?? [])
            : [spec.sideOutputs[output - 1].type]
        do throws(BatchCodecError) {
            return try BatchCodec.decode(
                body: frame.body, types: types,
                hasTimestamps: frame.header.flags.contains(.hasTimestamps),
                hasRowKinds: frame.header.flags.contains(.hasRowKinds))
        } catch {
            throw .protocolError("rows that cannot be read (\(error))", place: place)
        }
    }
}
