public import Metrics
import Synchronization

/// Keeps what the process counts and measures until somebody asks for it. To be given to `MetricsSystem.bootstrap`
/// before anything else runs: what is made earlier counts into nothing.
///
/// Durations become histograms in seconds. The number of series is limited: a label with ever new values ends in one
/// series that says `overflow`.
public final class PrometheusRegistry: MetricsFactory {
    private static let mostSeriesOfFamily = 1000
    private static let mostFamilies = 500

    private struct Key: Hashable {
        var label: String
        /// Names and values in turn.
        var dimensions: [String]
    }

    private struct State {
        var series: [Key: any PrometheusSeries] = [:]
        var order: [Key] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions) { CounterSeries() }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions) { FloatingCounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions) { GaugeSeries() }
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { return series(label, dimensions) { HistogramSeries(bounds: HistogramSeries.counts) } }
        return series(label, dimensions) { GaugeSeries() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
    }

    /// What was counted stays: a series that vanishes looks like a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// All series as they are now, in the order in which they were made.
    func page() -> PrometheusPage {
        let all = state.withLock { state in state.order.compactMap { key in state.series[key].map { (key, $0) } } }
        var page = PrometheusPage()
        for (key, series) in all {
            let labels = stride(from: 0, to: key.dimensions.count, by: 2).map {
                (key.dimensions[$0], key.dimensions[$0 + 1])
            }
            series.write(key.label, labels, to: &page)
        }
        return page
    }

    /// The series that is there already, or a new one; one that counts nowhere when the label has another kind.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], make: () -> Series
    ) -> Series {
        state.withLock { state in
            var key = Key(label: label, dimensions: dimensions.flatMap { [$0.0, $0.1] })
            if let known = state.series[key] { return known as? Series ?? make() }
            if state.counts[label, default: 0] >= Self.mostSeriesOfFamily {
                key.dimensions = ["overflow", "true"]
                if let known = state.series[key] { return known as? Series ?? make() }
            }
            let series = make()
            guard state.counts[label] != nil || state.counts.count < Self.mostFamilies else { return series }
            state.series[key] = series
            state.order.append(key)
            state.counts[label, default: 0] += 1
            return series
        }
    }
}
