import Columnar
import Dataflow
import Glibc
import Synchronization
import Testing

@testable import Connectors

private final class MemoryOutput: ByteOutput {
    let bytes = Mutex<[UInt8]>([])
    func write(_ bytes: [UInt8]) { self.bytes.withLock { $0 += bytes } }
    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

@Suite struct PrintSinkTests {
    private func printed(
        _ batch: Batch, identifier: String? = nil, subtask: Int = 0, of parallelism: Int = 1
    ) throws -> String {
        let output = MemoryOutput()
        let sink = PrintSink(identifier: identifier, to: output)
        try sink.open(context(subtask: subtask, of: parallelism))
        try sink.process(batch, input: 0, into: Recorder())
        return output.text
    }

    /// The prefixes of Flink's `PrintSinkOutputWriter`.
    @Test func linesHaveFlinksPrefix() throws {
        let batch = longs([1, 2])
        #expect(try printed(batch) == "1\n2\n")
        #expect(try printed(batch, identifier: "id") == "id> 1\nid> 2\n")
        #expect(try printed(batch, subtask: 2, of: 4) == "3> 1\n3> 2\n")
        #expect(try printed(batch, identifier: "id", subtask: 2, of: 4) == "id:3> 1\nid:3> 2\n")
        #expect(try printed(batch, identifier: "") == "1\n2\n")
    }

    @Test func rowsPrintWithTheirKindAndKeysDoNot() throws {
        let fields = [strings(["a", "b"]).columns[0], longs([1, 2]).columns[0]]
        let row = Column(
            type: DataType(.row([.init("f0", .string), .init("f1", .bigInt)], style: .row)),
            count: 2, validity: nil, buffers: [], children: fields)
        let kinds = Column([RowKind.insert.rawValue, RowKind.delete.rawValue], type: .tinyInt)
        let batch = Batch(
            count: 2, columns: [row, longs([7, 8]).columns[0]], rowKinds: kinds)
        #expect(try printed(batch) == "+I[a, 1]\n-D[b, 2]\n")
    }

    @Test func longBatchesArePrintedWhole() throws {
        let values = Array(Int64(0)..<20_000)
        let text = try printed(longs(values))
        #expect(text == values.map { "\($0)\n" }.joined())
    }

    @Test func subtasksDoNotMixTheirLines() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let output = DescriptorOutput(ends[1], name: "a pipe")
        let lines = 300
        let writers = (0..<2).map { index in
            Thread {
                let line = Array(String(repeating: "\(index)", count: 9000).utf8) + [10]
                for _ in 0..<lines { try? output.write(line) }
            }
        }
        let reader = fdopen(ends[0], "r")!
        var buffer = [CChar](repeating: 0, count: 20_000)
        for _ in 0..<2 * lines {
            #expect(fgets(&buffer, 20_000, reader) != nil)
            let line = buffer.prefix { $0 != 10 }
            #expect(line.count == 9000 && Set(line).count == 1)
        }
        for writer in writers { writer.join() }
        fclose(reader)
        let error = #expect(throws: JobError.self) { try output.write([65]) }
        #expect(error?.code == "output-closed")
        close(ends[1])
        #expect(throws: JobError.self) { try output.write([65]) }
    }
}
