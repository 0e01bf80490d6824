import Alerting
import Engine
import Storage

/// What people type about an alert source's limits: volume, and acceptances that are forgotten.
struct AlertSourceLimits {
    let eventLimit: String
    let acceptTimeout: String
    let acceptAnswer: String

    private static let fields = ["eventLimitPerMinute", "acceptTimeoutMin", "acceptAnswerMin"]

    init(_ source: AlertSourceRecord) {
        func text(_ name: String) -> String { source.fields[name]?.integer.map(String.init) ?? "" }
        eventLimit = text(Self.fields[0])
        acceptTimeout = text(Self.fields[1])
        acceptAnswer = text(Self.fields[2])
    }

    init(_ form: Form) {
        eventLimit = form[Self.fields[0]]
        acceptTimeout = form[Self.fields[1]]
        acceptAnswer = form[Self.fields[2]]
    }

    /// Writes what was typed over `draft`; an empty text takes the field away.
    func write(to draft: inout AlertSourceDraft) throws(Failure) {
        guard var members = draft.fields.object else { return }
        for (name, text) in zip(Self.fields, [eventLimit, acceptTimeout, acceptAnswer]) {
            guard !text.isEmpty else {
                members[name] = nil
                continue
            }
            guard let number = Int64(text) else { throw Failure(.invalid, "\(name): must be a whole number.") }
            members[name] = .integer(number)
        }
        draft.fields = .object(members)
    }
}
