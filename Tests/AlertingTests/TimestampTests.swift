import Alerting
import Foundation
import Simulation
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_767_225_600_001, "2026-01-01T00:00:00.001Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `given an instant at the edge of a day or a leap year, when it is written, then its text is right`(
        milliseconds: Int64, text: String
    ) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test func `given any instant of 400 years, when it is written, then Foundation writes the same`() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var random = SeededGenerator(seed: 1)

        for _ in 0..<2000 {
            let time = Timestamp(
                milliseconds: Int64.random(in: -6_000_000_000_000...6_600_000_000_000, using: &random))
            // Half a millisecond more, so that a rounding of the floating-point date never falls below it.
            let date = Date(timeIntervalSince1970: (Double(time.milliseconds) + 0.5) / 1000)

            #expect(time.iso8601 == date.formatted(style))
            #expect(Timestamp(iso8601: time.iso8601) == time)
        }
    }

    @Test(arguments: [
        "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.000Z", "2026-01-01t10:00:00z", "2026-01-01 10:00:00",
        "2026-01-01T10:00", "2026-01-01T10:00:00.0Z", "2026-01-01T10:00:00,000000000Z", "2026-01-01T11:00:00+01:00",
        "2026-01-01T05:00:00-0500", "2026-01-01T12:00:00.000+02", "2026-01-01T15:45:00+05:45",
    ])
    func `given one instant in many forms, when it is read, then it is the same`(text: String) {
        #expect(Timestamp(iso8601: text) == Timestamp(milliseconds: 1_767_261_600_000))
    }

    @Test(arguments: [
        "", "Z", "2026", "2026-01", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-01-00", "1900-02-29",
        "2026-01-01T", "2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "2026-01-01T10:00:61Z", "2026-01-01T10:00:00.Z",
        "2026-01-01T10:00:00.0000000000Z", "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00+01:60",
        "2026-01-01T10:00:00ZZ", "2026-01-01T10:00:00 Z", "+2026-01-01T10:00:00Z", "2026-1-1T10:00:00Z",
        "２０２６-01-01T10:00:00Z",
    ])
    func `given a text that is no instant, when it is read, then there is none`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `given a date alone, when it is read, then it is its first instant`() {
        #expect(Timestamp(iso8601: "2026-01-01") == Timestamp(milliseconds: 1_767_225_600_000))
    }

    @Test func `given two instants, then their distance brings one to the other`() {
        var random = SeededGenerator(seed: 2)

        for _ in 0..<500 {
            let first = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &random))
            let second = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &random))

            #expect(first + (second - first) == second)
            #expect(second - (second - first) == first)
            #expect((first < second) == (first - second < .zero))
        }
    }
}
