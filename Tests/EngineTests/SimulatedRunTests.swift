import Alerting
import Foundation
import Simulation
import Synchronization
import TestSupport
import Testing

/// Long stories that nobody wrote.
///
/// `NIGHTBELL_SEED=7 swift test --filter SimulatedRunTests` replays one and tells it step by step; `NIGHTBELL_SEEDS` is
/// how many are played, and `NIGHTBELL_STEPS` how long each is. Beside them `NIGHTBELL_LONG_SEEDS` stories of 10,000
/// steps are played.
struct SimulatedRunTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let steps = environment["NIGHTBELL_STEPS"].flatMap(Int.init) ?? 40
    private static let longSteps = 10_000
    private static let longSeeds = environment["NIGHTBELL_LONG_SEEDS"].flatMap(UInt64.init) ?? 1
    private static let seeds: ClosedRange<UInt64> = {
        if let seed = environment["NIGHTBELL_SEED"].flatMap(UInt64.init) { return seed...seed }
        return 1...(environment["NIGHTBELL_SEEDS"].flatMap(UInt64.init) ?? 2000)
    }()
    /// Stories that are played side by side.
    private static let players = 4

    /// Which seed is next, and what the stories came to.
    private final class Score: Sendable {
        struct State {
            var next: UInt64
            var seeds = 0
            var passed = Duration.zero
        }

        let state: Mutex<State>

        init(from first: UInt64) { state = Mutex(State(next: first)) }

        func take() -> UInt64? {
            state.withLock { state in
                guard seeds.contains(state.next) else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }
    }

    @Test func `given worlds of faults, when long stories are played, then no page is lost and none is repeated`()
        async throws
    {
        let score = Score(from: Self.seeds.lowerBound)
        let begun = ContinuousClock.now

        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.players {
                group.addTask {
                    while let seed = score.take() { try await Self.play(seed, steps: Self.steps, score) }
                }
            }
            try await group.waitForAll()
        }

        let (count, passed) = score.state.withLock { ($0.seeds, $0.passed) }
        #expect(count == Self.seeds.count)
        let seconds = Double((ContinuousClock.now - begun).components.seconds) + 1
        let days = Int(Double(passed.components.seconds) / 86_400)
        let pace = "\(days) days, \(Int(Double(days) / seconds)) days/s"
        FileHandle.standardError.write(Data("simulated: \(count) seeds of \(Self.steps) steps, \(pace)\n".utf8))
    }

    @Test(.enabled(if: longSeeds > 0 && seeds.count > 1))
    func `given a world of faults, when it goes on for months, then no page is lost and none is repeated`() async throws
    {
        let score = Score(from: 1)
        for seed in 1...max(Self.longSeeds, 1) { try await Self.play(seed, steps: Self.longSteps, score) }
        let (count, passed) = score.state.withLock { ($0.seeds, $0.passed) }
        #expect(passed > .days(Self.longSteps / 400))
        let days = passed.components.seconds / 86_400
        FileHandle.standardError.write(
            Data("simulated: \(count) seeds of \(Self.longSteps) steps, \(days) days\n".utf8))
    }

    private static func play(_ seed: UInt64, steps: Int, _ score: Score) async throws {
        let temporary = try TemporaryDatabase(inMemory: true)
        let run = try await SimulatedRun(seed: seed, disk: temporary.database)
        do {
            try await run.run(steps: steps)
        } catch let broken as SimulatedRun.Broken {
            // One seed that is replayed tells its whole story.
            let story = seeds.count == 1 ? "\n" + broken.story.joined(separator: "\n") : ""
            Issue.record("\(broken) Replay with NIGHTBELL_SEED=\(seed) NIGHTBELL_STEPS=\(steps).\(story)")
        }
        let passed = run.passed
        score.state.withLock { state in
            state.seeds += 1
            state.passed += passed
        }
    }
}
