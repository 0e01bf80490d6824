import Metrics
import Testing

@testable import Web

@Suite struct PrometheusRegistryTests {
    @Test func `given one of each kind, when the page is written, then each has its type and its lines`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a_total", dimensions: [("x", "1")]).increment(by: 2)
        registry.makeFloatingPointCounter(label: "b_total", dimensions: []).increment(by: 1.5)
        registry.makeMeter(label: "c", dimensions: []).set(-2.25)
        registry.makeRecorder(label: "d", dimensions: [], aggregate: false).record(Int64(7))
        registry.makeTimer(label: "e_seconds", dimensions: []).recordNanoseconds(2_000_000)

        let text = registry.page().text

        #expect(text.hasPrefix("# TYPE a_total counter\na_total{x=\"1\"} 2\n# TYPE b_total counter\nb_total 1.5\n"))
        #expect(text.contains("# TYPE c gauge\nc -2.25\n"))
        #expect(text.contains("# TYPE d gauge\nd 7\n"))
        #expect(text.contains("e_seconds_bucket{le=\"0.001\"} 0\ne_seconds_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("e_seconds_bucket{le=\"+Inf\"} 1\ne_seconds_sum 0.002\ne_seconds_count 1\n"))
    }

    @Test func `given odd names and values, when the page is written, then they are escaped`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "1 bad-näme", dimensions: [("la bel", "a\"b\\c\nd")]).increment(by: 1)

        #expect(registry.page().text.contains(#"_1_bad_n_me{la_bel="a\"b\\c\nd"} 1"#))
    }

    @Test func `given the same label twice, when both count, then they are one series`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
        registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
        registry.makeTimer(label: "a_total", dimensions: []).recordNanoseconds(5)

        #expect(registry.page().text == "# TYPE a_total counter\na_total 2\n")
    }

    @Test func `given a label with ever new values, when there are too many, then the rest is one series`() {
        let registry = PrometheusRegistry()
        for number in 0..<1500 {
            registry.makeCounter(label: "a_total", dimensions: [("id", "\(number)")]).increment(by: 1)
        }

        let lines = registry.page().text.split(separator: "\n")

        #expect(lines.count == 1002)
        #expect(lines.last == #"a_total{overflow="true"} 500"#)
    }

    @Test func `given many tasks, when they count at once, then nothing is lost`() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<1000 {
                        registry.makeCounter(label: "a_total", dimensions: []).increment(by: 1)
                        registry.makeTimer(label: "b_seconds", dimensions: []).recordNanoseconds(Int64(number))
                    }
                }
            }
        }

        #expect(registry.page().text.contains("a_total 8000\n"))
        #expect(registry.page().text.contains("b_seconds_count 8000\n"))
    }
}
