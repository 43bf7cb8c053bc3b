import Columnar
import DataflowTesting
import Testing

@testable import Dataflow

struct SimulationTests {
    private func graph(_ sink: RecordingSink) -> TestGraph {
        var graph = TestGraph()
        let from = graph.add("source", parallelism: 2) { subtask in
            [
                ScriptedSource(
                    (0..<20).map { step in
                        step % 5 == 4 ? .pause(Int64(step)) : .rows(rows([subtask * 100 + step]))
                    })
            ]
        }
        let through = graph.add("middle", parallelism: 2, reading: [.from(from, .roundRobin)]) {
            _ in
            [BufferingOperator(delay: 4), WorkerOperator()]
        }
        graph.add("sink", reading: [.from(through, .global)]) { _ in [sink] }
        return graph
    }

    private func run(_ simulation: Simulation) -> (
        SequentialRunner, [RecordingSink.Entry], (any Error)?
    ) {
        let runner = SequentialRunner(.simulation(simulation))
        let sink = RecordingSink()
        let error = Run(runner).complete(graph(sink))
        return (runner, sink.entries, error)
    }

    @Test func aSeedRepeatsARun() {
        let (first, entries, error) = run(Simulation(seed: 42))
        #expect(error == nil)
        let (second, again, _) = run(Simulation(seed: 42))
        #expect(entries == again)
        #expect(first.lastSteps == second.lastSteps)
        let (_, other, _) = run(Simulation(seed: 43))
        #expect(entries != other)
        #expect(Set(entries) == Set(other))
    }

    @Test func theClockIsVirtual() {
        let start = SystemClock().now()
        let runner = SequentialRunner(.simulation(Simulation(seed: 1, startTime: 5_000)))
        var graph = TestGraph()
        graph.add("source") { _ in [ScriptedSource([.pause(86_400_000), .pause(86_400_000)])] }
        #expect(Run(runner).complete(graph) == nil)
        #expect(runner.clock.now() == 5_000 + 2 * 86_400_000)
        #expect(SystemClock().now() - start < 60_000)
    }

    @Test func crashesWhenToldTo() {
        for steps in [0, 1, 10, 50] {
            let (_, _, error) = run(Simulation(seed: 3, crashAfter: steps))
            #expect((error as? JobError)?.code == "simulated-crash")
            #expect((error as? JobError)?.message.contains("\(steps) steps") == true)
        }
        let (_, _, none) = run(Simulation(seed: 3, crashAfter: 1_000_000))
        #expect(none == nil)
        let crashes = (0..<20).filter {
            run(Simulation(seed: $0, crashProbability: 0.005)).2 != nil
        }
        #expect((1..<20).contains(crashes.count))
    }

    @Test func theTraceIsBoundedAndInOrder() {
        let (runner, _, _) = run(Simulation(seed: 3, traceLength: 5))
        #expect(runner.lastSteps.count == 5)
        #expect(runner.lastSteps.last == "sink (1/1): finish")
        let (whole, _, _) = run(Simulation(seed: 3, traceLength: 100_000))
        #expect(whole.lastSteps.first?.hasSuffix("open") == true)
        #expect(Array(whole.lastSteps.suffix(5)) == runner.lastSteps)
    }
}
