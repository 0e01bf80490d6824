import Engine

/// What people and load balancers are told of a node's journal.
enum JournalWords {
    static func sentence(about journal: IntakeJournal) -> String {
        let count = journal.waiting
        let waiting = count == 1 ? "1 request waits" : "\(count) requests wait"
        guard journal.isDatabaseAway else {
            return "The database is back: \(waiting) in this node's journal to be brought into it."
        }
        return journal.isFull
            ? "The database does not answer and the journal of this node is full: new requests are refused."
            : "The database does not answer: \(waiting) in this node's journal; nobody is paged meanwhile."
    }

    static func write(_ journal: IntakeJournal, to page: inout PrometheusPage) {
        page.add("nightbell_journal_waiting_requests", .gauge, value: Double(journal.waiting))
        page.add("nightbell_journal_bytes", .gauge, value: Double(journal.bytes))
        page.add("nightbell_journal_limit_bytes", .gauge, value: Double(journal.limit))
    }

    /// For every page, while there is something to say.
    static func banner(about journal: IntakeJournal?) -> String? {
        guard let journal, journal.isDatabaseAway || journal.waiting > 0 else { return nil }
        return sentence(about: journal)
    }
}
