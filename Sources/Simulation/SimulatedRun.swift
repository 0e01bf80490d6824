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

    private typealias Cast = SimulatedCast

    private let seed: UInt64
    private var random: SeededGenerator
    private let world: SimulatedWorld
    private let witness: Witness
    /// A second node beside the world's own, which never dies.
    private let other: Engine
    private static let grouped = AlertSource.ID(2)
    private static let groupedKey = "nb1sDeskDeskDeskDeskDeskDeskDeskDeskDesk"
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
            levels: [
                Cast.level(Cast.alice), Cast.level(Cast.bob, Cast.carol), Cast.level(Cast.carol, timeout: .minutes(1)),
            ],
            repeats: Int.random(in: 0...2, using: &random), delay: Bool.random(using: &random) ? .minutes(2) : .zero)
        world = try await SimulatedWorld(
            disk, channels: [.email, .sms], policy: policy, sources: [Cast.source(at: start), desk])
        witness = Witness(disk: disk)
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

    /// - Throws: `Broken` at the first thing that does not hold.
    public func run(steps: Int) async throws {
        for step in 0..<steps {
            let doing = try await act(step)
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
            case 84..<88: return try await quiet()
            case 88..<96: return fault()
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
        case 3:
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

    private func person() async throws -> String {
        guard let alert = try await world.alerts().randomElement(using: &random)?.alert.id else { return "nothing" }
        let caller = (Cast.people.randomElement(using: &random) ?? Cast.alice).caller
        let desk = world.engine.desk
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            try await desk.accept(alert, by: caller)
            return "accept \(alert)"
        case 2:
            try await desk.resolve(alert, by: caller)
            return "resolve \(alert)"
        case 3:
            let asOf = Bool.random(using: &random) ? Int.random(in: 0...2, using: &random) : nil
            try await desk.escalate(alert, asOf: asOf, by: caller)
            return "escalate \(alert)"
        case 4:
            try await desk.assign(alert, to: (Cast.people.randomElement(using: &random) ?? Cast.bob).user, by: caller)
            return "hand over \(alert)"
        default:
            try await desk.assign(alert, to: Cast.policy, by: caller)
            return "assign \(alert)"
        }
    }

    private func link() async throws -> String {
        let messages = world.senders.flatMap(\.delivered)
        guard let message = messages.randomElement(using: &random) else { return "nothing" }
        let action = LinkAnswers.Action.allCases.randomElement(using: &random) ?? .accept
        let token = world.links.token(for: MessageRecord.ID(message.id.rawValue))
        _ = try await world.engine.linkAnswers.perform(action, token)
        return "\(action) by message \(message.id)"
    }

    private func quiet() async throws -> String {
        let person = Cast.people.randomElement(using: &random) ?? Cast.alice
        let isMuted = Bool.random(using: &random)
        try await world.mute(person, until: isMuted ? world.now + .minutes(10) : nil)
        return "\(isMuted ? "mute" : "unmute") \(person.name)"
    }

    // MARK: - Faults

    private func script() -> String {
        guard let sender = world.senders.randomElement(using: &random) else { return "nothing" }
        let answers: [SimulatedSender.Answer] = [
            .outcome(.rejected(reason: "550")), .outcome(.retry(after: nil, reason: "451")),
            .outcome(.retry(after: .minutes(3), reason: "later")), .outcome(.unknown(reason: "timeout")),
        ]
        guard Bool.random(using: &random), let answer = answers.randomElement(using: &random) else {
            sender.recover()
            return "\(sender.channel) recovers"
        }
        sender.answer(answer, for: (Cast.people.randomElement(using: &random) ?? Cast.alice).email)
        return "\(sender.channel) answers \(answer)"
    }

    private func fault() -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            world.crash()
            return "crash"
        case 1, 2:
            let (others, isCommitted) = (Int.random(in: 0...4, using: &random), Bool.random(using: &random))
            world.database.die(after: others, isCommitted: isCommitted)
            return "die \(isCommitted ? "after" : "before") write \(others)"
        case 3:
            let answer: SimulatedSender.Answer = Bool.random(using: &random) ? .crashBefore : .crashAfter
            world.senders.randomElement(using: &random)?.answer(answer, .delivered)
            return "\(answer) at the next send"
        case 4:
            world.database.refuseWrites(.full)
            return "disk full"
        default:
            world.database.recover()
            return "disk has room"
        }
    }

    private func jump() -> String {
        let jumps: [Duration] = [.hours(1), .minutes(10), .seconds(-90), .hours(-1), .days(1)]
        let jump = jumps.randomElement(using: &random) ?? .zero
        world.clock.advance(by: jump)
        return "the clock jumps by \(jump)"
    }

    // MARK: - What must hold

    /// Attempts whose outcome a dying or full database did not take: a repetition of them is right.
    private func forgiveUnrecorded() async throws {
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
        world.restart()
        try await forgiveUnrecorded()
        for sender in world.senders { sender.recover() }
        for person in Cast.people { try await world.mute(person, until: nil) }
        try await world.advance(by: .days(3))
        try await check(step, "settle", isSettled: true)
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
