import Alerting
import Engine
public import Storage

/// A long story that nobody wrote: every step, fault and pause is drawn from one seed.
public final class SimulatedRun {
    public struct Broken: Error, CustomStringConvertible {
        public var seed: UInt64
        public var step: Int
        public var doing: String
        public var faults: [String]
        /// What was done, step by step.
        public var story: [String]

        public var description: String {
            "Seed \(seed), step \(step) (\(doing)): " + faults.joined(separator: " ")
        }
    }

    typealias Cast = SimulatedCast

    let seed: UInt64
    var random: SeededGenerator
    let world: SimulatedWorld
    let witness: Witness
    /// A second node beside the world's own, which never dies.
    let other: Engine
    /// Whether the second node does nothing.
    private let isAlone: Bool
    private static let grouped = AlertSource.ID(2)
    private static let groupedKey = "nb1sDeskDeskDeskDeskDeskDeskDeskDeskDesk"
    /// Sends that hang, each with the loop that waits for it.
    var hung: [Hung] = []
    private var story: [String] = []
    /// Requests that the network still holds.
    private var delayed: [(status: String, monitor: String, at: Timestamp)] = []

    public init(seed: UInt64, disk: any Database) async throws {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        let start = SimulatedClock().now
        let creations = [
            "ONE_ALERT_PER_EMAIL", "ONE_PENDING_ALERT_ALLOWED", "ONE_OPEN_ALERT_ALLOWED",
            "ONE_ALERT_GROUPED_PER_WINDOW",
        ]
        let desk = Cast.source(
            Self.grouped, name: "Desk", type: "API", key: Self.groupedKey,
            creation: creations.randomElement(using: &random) ?? "", window: .minutes(5),
            autoResolution: Bool.random(using: &random) ? .hours(6) : nil, at: start)
        let policy = EscalationPolicy(
            levels: Self.levels(using: &random), repeats: Int.random(in: 0...2, using: &random),
            delay: Bool.random(using: &random) ? .minutes(2) : .zero)
        world = try await SimulatedWorld(
            disk, channels: [.email, .sms], policy: policy, sources: [Cast.source(at: start), desk],
            takesAlong: Int.random(in: 0..<4, using: &random) > 0,
            escalatesAlong: Int.random(in: 0..<4, using: &random) > 0)
        witness = Witness(disk: disk)
        isAlone = Bool.random(using: &random)
        other = world.secondNode()
        self.random = random
        for person in Cast.people where Bool.random(using: &self.random) {
            try await world.prefer(.sms, after: 0, for: person)
            try await world.prefer(.email, after: Int.random(in: 0...3, using: &self.random), for: person)
        }
        for sender in world.senders {
            sender.onSend { [witness] message, answer in
                await witness.watch(MessageRecord.ID(message.id.rawValue), delivers: answer.isDelivery)
            }
        }
    }

    /// Three levels; the second one calls everybody, one in turn, or wants all to accept.
    static func levels(using random: inout SeededGenerator) -> [EscalationLevel] {
        var second = Cast.level(Cast.bob, Cast.carol)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: second.calls = .oneInTurn
        case 1: second.needsEverybody = true
        default: break
        }
        return [Cast.level(Cast.alice), second, Cast.level(Cast.carol, timeout: .minutes(1))]
    }

    /// How long the story was, by the clock's steps forward.
    public private(set) var passed = Duration.zero

    /// - Throws: `Broken` at the first thing that does not hold.
    public func run(steps: Int) async throws {
        for step in 0..<steps {
            let before = world.now
            let doing = try await act(step)
            if world.now > before { passed += world.now - before }
            story.append("\(step) \(world.now.iso8601) \(doing)")
            try await check(step, doing, isSettled: doing == "settle")
        }
        try await comeToRest(steps)
    }

    // MARK: - Steps

    private func act(_ step: Int) async throws -> String {
        let roll = Int.random(in: 0..<100, using: &random)
        do {
            switch roll {
            case 0..<22: return try await monitor()
            case 22..<34: return try await generic()
            case 34..<56: return try await pause()
            case 56..<64: return try await settle()
            case 64..<70: return try await person()
            case 70..<76: return try await link()
            case 76..<84: return script()
            case 84..<87: return try await quiet()
            case 87..<94: return fault()
            case 94..<96: return try await hang()
            case 96: return try await release()
            case 97: return try await edit()
            default: return jump()
            }
        } catch let failure as Failure where failure.code != .internal {
            try await forgiveUnrecorded()
            return "refused: \(failure.message)"
        } catch let error as StorageError {
            guard error.concernsAll else { throw broken(step, "an error", ["\(error)"]) }
            try await forgiveUnrecorded()
            return "failed: \(error)"
        }
    }

    private func monitor() async throws -> String {
        let monitor = "M\(Int.random(in: 1...4, using: &random))"
        let status = ["failing", "failing", "passing"].randomElement(using: &random) ?? "failing"
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            delayed.append((status, monitor, world.now))
            return "hold \(status) of \(monitor)"
        case 1 where !delayed.isEmpty:
            let old = delayed.removeFirst()
            try await world.rapidSpike(old.status, monitor: old.monitor, at: old.at)
            return "late \(old.status) of \(old.monitor)"
        case 2:
            try await world.rapidSpike(status, monitor: monitor)
            try await world.rapidSpike(status, monitor: monitor)
            return "\(status) of \(monitor) twice"
        case 3:
            try await world.receive(Array("?".utf8))
            return "unreadable"
        default:
            try await world.rapidSpike(status, monitor: monitor)
            return "\(status) of \(monitor)"
        }
    }

    private func generic() async throws -> String {
        let kind: AlertEvent.Kind = [.alert, .alert, .alert, .accept, .resolve].randomElement(using: &random) ?? .alert
        let key = Int.random(in: 0..<5, using: &random) == 0 ? nil : "K\(Int.random(in: 1...4, using: &random))"
        let priority: Priority? = [.high, .low, nil].randomElement(using: &random) ?? nil
        try await world.post(kind, key, priority: priority, to: Self.groupedKey)
        return "\(kind) \(key ?? "without a key")"
    }

    private func pause() async throws -> String {
        if Bool.random(using: &random), let due = try await world.nextDue(), due > world.now {
            world.clock.set(to: due)
            return "wait until due"
        }
        world.clock.advance(by: .seconds(Int.random(in: 1...400, using: &random)))
        return "wait"
    }

    private func settle() async throws -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            try await world.escalate()
            return "escalate"
        case 3 where !isAlone:
            _ = try await other.escalation.runOnce()
            for loop in other.notifications { _ = try await loop.runOnce() }
            return "the other node escalates and notifies"
        case 1:
            try await world.notify()
            try await forgiveUnrecorded()
            return "notify"
        default:
            try await world.settle()
            guard !world.database.isDead else { throw StorageError.unavailable(message: "dead") }
            return "settle"
        }
    }

    // MARK: - What must hold

    /// Attempts whose outcome a dying or full database did not take: a repetition of them is right.
    func forgiveUnrecorded() async throws {
        let delivered = Set(world.senders.flatMap(\.delivered).map { MessageRecord.ID($0.id.rawValue) })
        let sending = try await world.disk.read { transaction in
            try transaction.query("SELECT id FROM messages WHERE status = 'sending' ORDER BY id LIMIT 100000", [:])
                .map { try $0.id("id") as MessageRecord.ID }
        }
        for id in sending where delivered.contains(id) { await witness.forgive(id) }
    }

    private func check(_ step: Int, _ doing: String, isSettled: Bool) async throws {
        let now = world.now
        var faults = await witness.faults
        faults += try await world.disk.read { transaction in
            try Invariants.violations(ungrouped: [Cast.shop], isSettled: isSettled, at: now, in: transaction)
        }
        guard faults.isEmpty else { throw broken(step, doing, faults) }
        if world.database.isDead { world.restart() }
    }

    /// The faults end, time goes by: nothing may be left undone.
    private func comeToRest(_ step: Int) async throws {
        while !hung.isEmpty { _ = try await release() }
        world.restart()
        try await forgiveUnrecorded()
        for sender in world.senders { sender.recover() }
        for person in Cast.people { try await world.mute(person, until: nil) }
        try await world.advance(by: .days(3))
        passed += .days(3)
        try await check(step, "settle", isSettled: true)
        let told = try await world.disk.read { try Invariants.timelineFaults(in: $0) }
        guard told.isEmpty else { throw broken(step, "rest", told) }
        for record in try await world.openAlerts() where record.alert.status == .pending {
            let messages = try await world.messages(of: record.alert.id)
            // A low-priority alert that rests concerns nobody else when its first level could not be told.
            if !messages.contains(where: { $0.status == .delivered }), record.alert.escalation.state == .exhausted {
                throw broken(step, "rest", ["Nobody was ever paged about alert \(record.alert.id)."])
            }
            if record.alert.escalation.due != nil {
                throw broken(step, "rest", ["Alert \(record.alert.id) still walks after three days."])
            }
            let isUnfinished = messages.contains { $0.status == .waiting || $0.status == .sending }
            if isUnfinished { throw broken(step, "rest", ["Alert \(record.alert.id) has unfinished messages."]) }
        }
    }

    private func broken(_ step: Int, _ doing: String, _ faults: [String]) -> Broken {
        Broken(seed: seed, step: step, doing: doing, faults: faults, story: story)
    }
}
