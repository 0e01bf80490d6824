public import Alerting
public import Engine
public import Storage

/// Plays one story on a database with a configuration in it, from its beginning to its end.
///
/// The loops are the engine's own; the clock jumps from one instant at which something is due to the next.
public struct Rehearsal {
    private let disk: any Database
    private let channels: [Channel]
    private let throttles: [Channel: Throttle]

    /// - Parameters:
    ///   - disk: for this story alone.
    ///   - channels: those that can be sent on.
    public init(disk: any Database, channels: [Channel], throttles: [Channel: Throttle] = [:]) {
        self.disk = disk
        self.channels = channels
        self.throttles = throttles
    }

    private enum Act {
        case post(RehearsalStory.Post)
        case accept
    }

    public func play(_ story: RehearsalStory) async throws -> RehearsalReport {
        try story.check()
        let source = try await disk.read { try AlertSources.find(story.source, in: $0) }
        guard let source else { throw Failure(.notFound, "There is no alert source \(story.source).") }
        let world = SimulatedWorld(over: disk, at: story.at, channels: channels, throttles: throttles)
        let recorder = try await RehearsalRecorder(disk, source: source)
        let end = story.at + story.length
        var acts = Self.acts(of: story)
        for _ in 0..<Limits.rehearsalStops {
            while let (at, act) = acts.first, at <= world.now {
                acts.removeFirst()
                try await perform(act, source, world, recorder)
            }
            try await world.settle()
            try await recorder.note()
            guard world.now < end else {
                let notices = world.senders.flatMap(\.attempts)
                return try await recorder.report(story, notices: notices)
            }
            let due = try await world.nextDue()
            world.clock.set(to: [acts.first?.at, due, end].compactMap(\.self).min() ?? end)
        }
        throw Failure(.invalid, "Too much happens in this story; watch it for a shorter time.")
    }

    private static func acts(of story: RehearsalStory) -> [(at: Timestamp, act: Act)] {
        let posts = story.posts.map { (at: story.at + $0.after, act: Act.post($0)) }
        let acceptance = story.acceptAfter.map { [(at: story.at + $0, act: Act.accept)] } ?? []
        // A stable order: the requests of one instant as they are written, then the acceptance.
        return (posts + acceptance).enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private func perform(
        _ act: Act, _ source: AlertSourceRecord, _ world: SimulatedWorld, _ recorder: RehearsalRecorder
    ) async throws {
        do {
            switch act {
            case .post(let post):
                _ = try await world.engine.reception.receive(post.request, key: source.integrationKey)
            case .accept: try await accept(world, recorder)
            }
        } catch let failure as Failure where failure.code != .internal {
            recorder.say(failure.message, .answer, at: world.now)
        }
    }

    /// Whoever was paged first about each alert accepts it.
    private func accept(_ world: SimulatedWorld, _ recorder: RehearsalRecorder) async throws {
        let paged = try await recorder.firstPaged()
        guard !paged.isEmpty else {
            recorder.say("Nobody was paged yet, so nobody accepts.", .answer, at: world.now)
            return
        }
        for (alert, user) in paged {
            try await world.engine.desk.accept(alert, by: Caller(user))
        }
    }
}
