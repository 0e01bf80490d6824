import Foundation
import Simulation
import TestSupport
import Testing

struct SimulatedRunTests {
    private static let steps = 150

    /// `NIGHTBELL_SEED` replays one story; `NIGHTBELL_SEEDS` runs that many.
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["NIGHTBELL_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["NIGHTBELL_SEEDS"].flatMap(UInt64.init) ?? 60))
    }()

    @Test(arguments: seeds)
    func `given a world of faults, when a long story is played, then no page is lost and none is repeated`(
        seed: UInt64
    ) async throws {
        let temporary = try TemporaryDatabase(inMemory: true)
        let run = try await SimulatedRun(seed: seed, disk: temporary.database)

        do {
            try await run.run(steps: Self.steps)
        } catch let broken as SimulatedRun.Broken {
            // One seed that is replayed tells its whole story.
            let story = Self.seeds.count == 1 ? "\n" + broken.story.joined(separator: "\n") : ""
            Issue.record("\(broken) Replay with NIGHTBELL_SEED=\(seed).\(story)")
        }
    }
}
