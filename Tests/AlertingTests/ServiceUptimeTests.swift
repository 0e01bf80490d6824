import Alerting
import Testing

struct ServiceUptimeTests {
    private static let day = Timestamp(milliseconds: 1_767_225_600_000)

    private static func outage(_ status: ServiceStatus, _ from: Duration, _ until: Duration?) -> ServiceOutage {
        ServiceOutage(status, from: day + from, until: until.map { day + $0 })
    }

    @Test func `given the statuses, when they are ranked, then each is worse than the one before`() {
        #expect(ServiceStatus.allCases == ServiceStatus.allCases.sorted())
        #expect(ServiceStatus.allCases.filter(\.isDown) == [.partialOutage, .majorOutage])
        #expect(ServiceStatus.effective(own: .operational, held: []) == .operational)
        #expect(ServiceStatus.effective(own: .operational, held: [.degraded, .majorOutage]) == .majorOutage)
        #expect(ServiceStatus.effective(own: .partialOutage, held: [.degraded]) == .partialOutage)
    }

    @Test func `given outages at the edges of a range, when the uptime is asked, then only what is inside counts`() {
        let range = Self.day..<(Self.day + .seconds(100))
        func hundredths(_ outages: ServiceOutage...) -> Int { ServiceUptime.hundredths(of: outages, in: range) }

        #expect(hundredths() == 10_000)
        #expect(hundredths(Self.outage(.majorOutage, .seconds(-10), .zero)) == 10_000)
        #expect(hundredths(Self.outage(.majorOutage, .seconds(-10), .milliseconds(1))) == 9999)
        #expect(hundredths(Self.outage(.majorOutage, .seconds(99), nil)) == 9900)
        #expect(hundredths(Self.outage(.majorOutage, .seconds(100), nil)) == 10_000)
        #expect(hundredths(Self.outage(.partialOutage, .seconds(-1), nil)) == 0)
        #expect(hundredths(Self.outage(.degraded, .zero, nil), Self.outage(.underMaintenance, .zero, nil)) == 10_000)
        // What is open ends with the range; two that follow each other add up.
        #expect(
            hundredths(
                Self.outage(.majorOutage, .seconds(10), .seconds(20)),
                Self.outage(.partialOutage, .seconds(20), .seconds(30))) == 8000)
        #expect(ServiceUptime.hundredths(of: [], in: Self.day..<Self.day) == 10_000)
    }

    @Test func `given days, when they are drawn, then each has its worst, and none before the service was there`() {
        let now = Self.day + .days(3) + .hours(6)
        let days = ServiceUptime.days(
            of: [
                Self.outage(.majorOutage, .days(1) + .hours(23), .days(2) + .hours(1)),
                Self.outage(.degraded, .days(2) + .hours(1), .days(2) + .hours(2)),
            ], count: 5, until: now, birth: Self.day + .hours(12))

        #expect(days.map(\.start) == (-1...3).map { Self.day + .days($0) })
        #expect(days.map(\.worst) == [nil, .operational, .majorOutage, .majorOutage, .operational])
        #expect(days.map(\.down) == [.zero, .zero, .hours(1), .hours(1), .zero])
    }

    @Test func `given a service made this moment, when its days are drawn, then today is there`() {
        let days = ServiceUptime.days(of: [], count: 2, until: Self.day, birth: Self.day)

        #expect(days.map(\.worst) == [nil, .operational])
    }
}
