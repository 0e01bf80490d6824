import Alerting
import Metrics

/// What the intake counts.
enum IngestMetrics {
    static let refused = Counter(label: "nightbell_ingest_refused_total")
    static let failed = Counter(label: "nightbell_ingest_failed_total")
    static let commit = Timer(label: "nightbell_ingest_commit_seconds")
    static let batch = Recorder(label: "nightbell_ingest_batch_requests")
    private static let unreadable = Counter(label: "nightbell_webhooks_unreadable_total")
    private static let byReason = Dictionary(
        uniqueKeysWithValues: IntakeReason.allCases.map { reason in
            (reason, Counter(label: "nightbell_ingest_requests_total", dimensions: [("outcome", reason.rawValue)]))
        })

    static func count(_ reason: IntakeReason) {
        byReason[reason]?.increment()
        if reason == .unreadable { unreadable.increment() }
    }
}
