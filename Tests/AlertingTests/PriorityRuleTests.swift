import Alerting
import Testing

struct PriorityRuleTests {
    @Test(
        arguments: [
            (PriorityRule.high, true, Priority.high, PriorityStep.rule), (.high, nil, .high, .rule),
            (.low, true, .low, .rule),
            (.highDuringSupportHours, true, .high, .duringSupportHours),
            (.highDuringSupportHours, false, .low, .outsideSupportHours),
            (.highDuringSupportHours, nil, .high, .noSupportHours),
            (.lowDuringSupportHours, true, .low, .duringSupportHours),
            (.lowDuringSupportHours, false, .high, .outsideSupportHours),
            (.lowDuringSupportHours, nil, .high, .noSupportHours),
        ] as [(PriorityRule, Bool?, Priority, PriorityStep)])
    func `given a rule and support hours, then it says`(
        rule: PriorityRule, isSupported: Bool?, priority: Priority, step: PriorityStep
    ) {
        let said = rule.priority(isSupported: isSupported)

        #expect(said.0 == priority)
        #expect(said.1 == step)
    }

    @Test func `given an event's own priority, then it counts where it may and a mapping always`() {
        let event = AlertEvent(kind: .alert, summary: "x", priority: .low)
        let high = AlertSourceRules(priorityRule: .high)
        let hours = AlertSourceRules(priorityRule: .highDuringSupportHours)
        let allowed = AlertSourceRules(priorityRule: .highDuringSupportHours, allowsEventPriority: true)

        #expect(high.priority(of: event) == (.low, .event))
        #expect(hours.priority(of: event, isSupported: true) == (.high, .duringSupportHours))
        #expect(allowed.priority(of: event, isSupported: true) == (.low, .event))
        #expect(hours.priority(of: event, isMapped: true, isSupported: true) == (.low, .template))
    }
}
