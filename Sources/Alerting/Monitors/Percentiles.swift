/// How long what is usual, slow and slowest took: half, 95 and 99 of a hundred were no slower.
public struct Percentiles: Equatable, Sendable {
    public var p50: Duration
    public var p95: Duration
    public var p99: Duration

    public init(p50: Duration, p95: Duration, p99: Duration) {
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
    }

    /// By nearest rank; `nil` for none.
    public init?(ascending times: [Duration]) {
        guard !times.isEmpty else { return nil }
        func at(_ percent: Int) -> Duration { times[(times.count * percent + 99) / 100 - 1] }
        self.init(p50: at(50), p95: at(95), p99: at(99))
    }
}
