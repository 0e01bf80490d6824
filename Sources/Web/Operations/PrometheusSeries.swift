import Metrics
import Synchronization

/// One line of a family, or several for a histogram.
protocol PrometheusSeries: AnyObject, Sendable {
    func write(_ name: String, _ labels: [(String, String)], to page: inout PrometheusPage)
}

final class CounterSeries: PrometheusSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }

    func write(_ name: String, _ labels: [(String, String)], to page: inout PrometheusPage) {
        page.add(name, .counter, labels, value: Double(count.load(ordering: .relaxed)))
    }
}

final class FloatingCounterSeries: PrometheusSeries, FloatingPointCounterHandler {
    private let count = Mutex(0.0)

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        count.withLock { $0 += amount }
    }

    func reset() {
        count.withLock { $0 = 0 }
    }

    func write(_ name: String, _ labels: [(String, String)], to page: inout PrometheusPage) {
        page.add(name, .counter, labels, value: count.withLock { $0 })
    }
}

final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ newValue: Int64) { set(Double(newValue)) }
    func set(_ newValue: Double) { value.withLock { $0 = newValue } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ newValue: Int64) { set(Double(newValue)) }
    func record(_ newValue: Double) { set(newValue) }

    func write(_ name: String, _ labels: [(String, String)], to page: inout PrometheusPage) {
        page.add(name, .gauge, labels, value: value.withLock { $0 })
    }
}

/// How many values fell into each of a few fixed buckets.
final class HistogramSeries: PrometheusSeries, TimerHandler, RecorderHandler {
    static let seconds = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    static let counts: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

    private struct State {
        /// One more than bounds: the last is for what is above all of them.
        var buckets: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// - Parameter bounds: the buckets' upper ends, rising.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        // Few bounds and mostly small values: looking from the front is as quick as it gets.
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.buckets[bucket] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: [(String, String)], to page: inout PrometheusPage) {
        let state = state.withLock { $0 }
        var count: UInt64 = 0
        for (bucket, bound) in zip(state.buckets, bounds + [.infinity]) {
            count += bucket
            page.add(
                name, .histogram, labels + [("le", PrometheusPage.text(of: bound))], suffix: "_bucket",
                value: Double(count))
        }
        page.add(name, .histogram, labels, suffix: "_sum", value: state.sum)
        page.add(name, .histogram, labels, suffix: "_count", value: Double(count))
    }
}
