import Alerting
import Engine
import Storage

/// What goes wrong in a story that nobody wrote.
extension SimulatedRun {
    /// A send from which nothing comes back yet.
    struct Hung {
        var sender: SimulatedSender
        var message: MessageRecord.ID
        var loop: Task<Void, Never>
    }

    func script() -> String {
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

    func fault() -> String {
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

    func jump() -> String {
        let jumps: [Duration] = [.hours(1), .minutes(10), .seconds(-90), .hours(-1), .days(1)]
        let jump = jumps.randomElement(using: &random) ?? .zero
        world.clock.advance(by: jump)
        return "the clock jumps by \(jump)"
    }

    /// A provider takes a message and says nothing; the loop that sends it waits.
    func hang() async throws -> String {
        guard let index = world.senders.indices.randomElement(using: &random) else { return "nothing" }
        let (sender, loop) = (world.senders[index], world.engine.notifications[index])
        guard !hung.contains(where: { $0.sender === sender }) else { return "hangs already" }
        sender.answer(.hang, .delivered)
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        sender.onHang { signal.yield() }
        let sending = Task {
            // A node that is dead by the time it hears of the message has nothing to write down.
            _ = try? await loop.runOnce()
            signal.finish()
        }
        let isHanging = await signals.first { _ in true } != nil
        sender.onHang {}
        guard isHanging, let attempt = sender.attempts.last(where: { $0.answer == .hang }) else {
            await sending.value
            sender.recover()
            return "nothing hangs"
        }
        let claimed = try await world.disk.read { transaction in
            try transaction.query("SELECT id FROM messages WHERE status = 'sending' ORDER BY id LIMIT 100000", [:])
                .map { try $0.id("id") as MessageRecord.ID }
        }
        await witness.excuse(claimed)
        hung.append(Hung(sender: sender, message: .init(attempt.message.id.rawValue), loop: sending))
        return "\(sender.channel) hangs with message \(attempt.message.id)"
    }

    /// What hung comes to an end, one way or the other.
    func release() async throws -> String {
        guard !hung.isEmpty else { return "nothing hangs" }
        let ended = hung.removeFirst()
        let outcomes: [DeliveryOutcome] = [.delivered(receipt: nil), .unknown(reason: "timeout")]
        let outcome = outcomes.randomElement(using: &random) ?? .unknown(reason: "timeout")
        ended.sender.release(outcome)
        await ended.loop.value
        let status = try await world.disk.read { try Messages.find(ended.message, in: $0)?.status }
        if outcome == .delivered(receipt: nil), status == .delivered { await witness.took(ended.message) }
        try await forgiveUnrecorded()
        return "message \(ended.message) comes back \(outcome)"
    }
}
