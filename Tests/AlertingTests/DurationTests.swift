import Alerting
import Simulation
import Testing

struct DurationTests {
    @Test(arguments: [
        ("PT0S", 0), ("PT1S", 1), ("PT59S", 59), ("PT1M", 60), ("PT5M", 300), ("PT1M30S", 90), ("PT1H", 3600),
        ("PT1H30M", 5400), ("PT24H", 86_400), ("P1DT1S", 86_401), ("P7D", 604_800), ("P2DT3H4M5S", 183_845),
    ])
    func `given whole seconds, when they are written, then the text reads back`(text: String, seconds: Int) {
        #expect(Duration(iso8601: text) == .seconds(seconds))
        #expect(Duration(iso8601: Duration.seconds(seconds).iso8601) == .seconds(seconds))
    }

    @Test(arguments: [("P1D", 86_400), ("P2W", 1_209_600), ("pt5m", 300), ("PT90M", 5400), ("P1WT1H", 608_400)])
    func `given a form that we do not write, when it is read, then it is understood`(text: String, seconds: Int) {
        #expect(Duration(iso8601: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "P", "PT", "P1", "5M", "PT5", "P5M", "P1Y", "PT1.5H", "PT-5M", "-PT5M", "PTM", "P1DT", "P1HT", "PT1D",
        "PT5M ", "PTT5M", "P11000D", "PT9999999999S", "P٣D",
    ])
    func `given a text that is no length of time, when it is read, then there is none`(text: String) {
        #expect(Duration(iso8601: text) == nil)
    }

    @Test func `given any length up to ten years, when it is written, then it reads back`() {
        var random = SeededGenerator(seed: 3)

        for _ in 0..<2000 {
            let duration = Duration.seconds(Int.random(in: 0...315_360_000, using: &random))
            #expect(Duration(iso8601: duration.iso8601) == duration)
        }
    }

    @Test func `given parts of a millisecond, when they are counted, then they are left out`() {
        #expect(Duration.microseconds(1999).wholeMilliseconds == 1)
        #expect(Duration.microseconds(-1999).wholeMilliseconds == -1)
        #expect((Duration.minutes(2) + .hours(1) + .days(1)).wholeMilliseconds == 90_120_000)
    }
}
