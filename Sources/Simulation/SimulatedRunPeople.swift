import Alerting
import Engine
import Storage

/// What people do in a story that nobody wrote.
extension SimulatedRun {
    func person() async throws -> String {
        guard let alert = try await world.alerts().randomElement(using: &random)?.alert.id else { return "nothing" }
        let caller = (Cast.people.randomElement(using: &random) ?? Cast.alice).caller
        let desk = world.engine.desk
        let other = (Cast.people.randomElement(using: &random) ?? Cast.bob).user
        switch Int.random(in: 0..<9, using: &random) {
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
            try await desk.assign(alert, to: other, by: caller)
            return "hand over \(alert)"
        case 5:
            let minutes = Int.random(in: 0...120, using: &random)
            try await desk.snooze(alert, minutes: minutes, by: caller)
            return "snooze \(alert) for \(minutes) minutes"
        case 6:
            try await desk.addResponder(other, to: alert, by: caller)
            return "add \(other) to \(alert)"
        case 7:
            try await desk.removeResponder(other, from: alert, by: caller)
            return "remove \(other) from \(alert)"
        default:
            try await desk.assign(alert, to: Cast.policy, by: caller)
            return "assign \(alert)"
        }
    }

    func link() async throws -> String {
        let messages = world.senders.flatMap(\.delivered)
        guard let message = messages.randomElement(using: &random) else { return "nothing" }
        let action = LinkAnswers.Action.allCases.randomElement(using: &random) ?? .accept
        let token = world.links.token(for: MessageRecord.ID(message.id.rawValue))
        _ = try await world.engine.linkAnswers.perform(action, token)
        return "\(action) by message \(message.id)"
    }

    func quiet() async throws -> String {
        let person = Cast.people.randomElement(using: &random) ?? Cast.alice
        let isMuted = Bool.random(using: &random)
        try await world.mute(person, until: isMuted ? world.now + .minutes(10) : nil)
        return "\(isMuted ? "mute" : "unmute") \(person.name)"
    }

    /// Somebody edits the policy: alerts that are open keep their levels.
    func edit() async throws -> String {
        let policies = EscalationPolicyAdministration(store: world.engine.store)
        _ = try await policies.update(
            Cast.policy, with: EscalationPolicyDraft(name: "Edited", levels: Self.levels(using: &random)),
            by: Cast.carol.caller)
        world.engine.directory.forgetAll()
        return "edit the policy"
    }
}
