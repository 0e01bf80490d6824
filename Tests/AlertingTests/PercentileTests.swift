import Alerting
import Testing

struct PercentileTests {
    @Test(
        arguments: [(50, 5), (95, 10), (99, 10), (10, 1), (11, 2), (1, 1), (100, 10), (0, 1), (200, 10)]
            as [(Int, Int64)])
    func `given ten values, when a percentile is asked for, then it is the value of the nearest rank`(
        percent: Int, value: Int64
    ) {
        #expect(Percentile.nearestRank(percent, of: Array(1...10)) == value)
    }

    @Test func `given a thousand values, then 99 in a hundred do not exceed the 990th`() {
        #expect(Percentile.nearestRank(99, of: Array(1...1000)) == 990)
    }

    @Test func `given one value or none, then it is that value or nothing`() {
        #expect(Percentile.nearestRank(99, of: [7]) == 7)
        #expect(Percentile.nearestRank(50, of: []) == nil)
    }
}
