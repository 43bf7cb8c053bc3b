import Columnar
import Connectors
import Dataflow
import Operators
import PythonWorkers
import Glibc
import Testing

@testable import Jobs

/// Jobs without Python functions, from the graph to what comes out.
@Suite struct AssemblyTests {
    let graph = StreamGraph(defaultParallelism: 1)
    let service = JobService(pythonExecutable: "python3")

    private func numbers(_ range: ClosedRange<Int64>, parallelism: Int) -> Transformation {
        graph.add(
            .source(.numberSequence(from: range.lowerBound, to: range.upperBound)), name: "numbers",
            outputType: .bigInt
        ) { $0.parallelism = parallelism }
    }

    private func watermarks(_ input: Transformation, parallelism: Int) -> Transformation {
        graph.add(
            .watermarks(WatermarkSpec(.none)), name: "Watermarks", inputs: [input],
            outputType: .bigInt
        ) { $0.parallelism = parallelism }
    }

    /// How many rows each instance of `name` has got.
    private func rowsIn(_ name: String) async throws -> [Double] {
        let job = try service.submit(graph.jobGraph(named: "job", clearing: true))
        await job.finished(within: 0)
        #expect(job.failure == nil)
        return job.metrics.filter { $0.key.hasPrefix(name) && $0.key.hasSuffix(".rows-in") }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    @Test func rescalingConnectsAsFlinkDoes() async throws {
        let rescaled = graph.add(
            .partition(.rescale), name: "Partition", inputs: [numbers(1...300, parallelism: 3)],
            outputType: .bigInt)
        _ = graph.add(
            .sink(.discard), name: "Discard",
            inputs: [watermarks(rescaled, parallelism: 2)], outputType: nil
        ) { $0.parallelism = 2 }
        // The first sender alone feeds the first receiver.
        #expect(try await rowsIn("Watermarks") == [100, 200])
    }
}

@Suite struct JobServiceTests {
    @Test func theDefaultParallelismIsWhatThisProcessMayUse() throws {
        // The kernel's own account: `Cpus_allowed:	ff,ffffffff`.
        let status = try #require(fopen("/proc/thread-self/status", "r"))
        defer { fclose(status) }
        var line = [CChar](repeating: 0, count: 1 << 16)
        var allowed = 0
        while fgets(&line, Int32(line.count), status) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            guard text.hasPrefix("Cpus_allowed:") else { continue }
            for digit in text.dropFirst(13).compactMap(\.hexDigitValue) {
                allowed += digit.nonzeroBitCount
            }
        }
        #expect(JobService(pythonExecutable: "python3").defaultParallelism == allowed)
    }
}

@Suite struct PythonDependenciesTests {
    private func files(_ settings: [String: String]) throws -> PythonStageSpec.Files {
        try PythonDependencies(
            Configuration(settings), defaultExecutable: "python3", workDirectory: { "/nowhere" }
        ).files
    }

    @Test func thePathOfTheJobComesFirst() throws {
        let files = try files([
            "martlet.client.cwd": "/home/me", "martlet.client.sys-path": "/usr/lib/a\n/b c",
            "python.pythonpath": "lib:/opt/x:",
        ])
        #expect(files.searchPath == ["/home/me/lib", "/opt/x", "/usr/lib/a", "/b c"])
        #expect(files.requirements.isEmpty)
    }
}
