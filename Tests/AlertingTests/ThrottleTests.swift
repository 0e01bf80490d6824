import Alerting
import Testing

struct ThrottleTests {
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)

    private func decision(_ channel: Channel, _ ages: [Duration], isFirst: Bool = false) -> Throttle.Decision {
        Throttle.usual(for: channel).decision(sent: ages.map { Self.now - $0 }, isFirst: isFirst, at: Self.now)
    }

    @Test func `given nothing was sent, then it goes now`() {
        for channel in Channel.allCases { #expect(decision(channel, []) == .now) }
    }

    @Test func `given rules, then what was sent matters as long as the longest of them, and as a source is told of`() {
        #expect(Throttle.usual(for: .push).lookBack == Throttle.firstAgainAfter)
        #expect(Throttle.usual(for: .sms).lookBack == .hours(1))
        #expect(Throttle([]).lookBack == Throttle.firstAgainAfter && !Throttle([]).isOn)
    }

    @Test func `given a message a minute ago, then the next goes at the very minute and not a moment before`() {
        #expect(decision(.sms, [.seconds(60)]) == .now)
        #expect(
            decision(.sms, [.milliseconds(59_999)]) == .wait(until: Self.now + .milliseconds(1)))
        #expect(decision(.email, [.zero]) == .now)
        #expect(decision(.email, Array(repeating: .zero, count: 60)) == .wait(until: Self.now + .minutes(1)))
    }

    @Test func `given the first alert of a source, then it goes, whatever was sent`() {
        #expect(decision(.voice, Array(repeating: .seconds(1), count: 50), isFirst: true) == .now)
    }

    @Test func `given five SMS in a quarter of an hour, then the sixth waits until the oldest is that old`() {
        let ages = [2, 4, 6, 8, 10].map { Duration.minutes($0) }

        #expect(decision(.sms, ages) == .wait(until: Self.now + .minutes(5)))
        #expect(decision(.sms, Array(ages.dropLast())) == .now)
    }

    @Test func `given three calls in a quarter or seven in an hour, then the next waits for both rules`() {
        #expect(decision(.voice, [2, 4, 6].map { Duration.minutes($0) }) == .wait(until: Self.now + .minutes(9)))
        let ages = [16, 20, 24, 28, 32, 36, 40].map { Duration.minutes($0) }
        #expect(decision(.voice, ages) == .wait(until: Self.now + .minutes(20)))
    }

    @Test func `given twenty push messages in a minute, then the twenty-first waits`() {
        #expect(decision(.push, Array(repeating: .seconds(30), count: 19)) == .now)
        #expect(decision(.push, Array(repeating: .seconds(30), count: 20)) == .wait(until: Self.now + .seconds(30)))
    }

    @Test func `given messages of a clock that was ahead, then they do not count`() {
        #expect(decision(.sms, [.seconds(-3600)]) == .now)
    }

    @Test func `given an operator's words, then they are read or refused`() {
        #expect(Throttle("off") == Throttle([]))
        #expect(
            Throttle("1/1m 5/15m 11/1h")
                == Throttle([
                    .init(1, per: .minutes(1)), .init(5, per: .minutes(15)), .init(11, per: .hours(1)),
                ]))
        #expect(Throttle("2/90s") == Throttle([.init(2, per: .seconds(90))]))
        for wrong in ["", "1", "0/1m", "1/0m", "1/1d", "1/25h", "a/1m", "1/1m/2", "-1/1m", "1/9999999m"] {
            #expect(Throttle(wrong) == nil, "\(wrong)")
        }
    }
}

struct ProviderHealthTests {
    private let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test func `given three passing failures in a row, then the provider rests, longer each time, and recovers`() {
        var health = ProviderHealth()
        health.note(.unknown(reason: "t"), at: now)
        health.note(.retry(after: nil, reason: "500"), at: now)
        #expect(!health.rests(at: now))
        health.note(.unknown(reason: "t"), at: now)
        #expect(health.rests(at: now + .milliseconds(29_999)))
        #expect(!health.rests(at: now + .seconds(30)))
        health.note(.unknown(reason: "t"), at: now)
        #expect(health.rests(at: now + .seconds(59)))

        health.note(.delivered(receipt: nil), at: now)

        #expect(health == ProviderHealth())
    }

    @Test func `given a refused message, then the provider is well`() {
        var health = ProviderHealth()
        for _ in 0..<2 { health.note(.unknown(reason: "t"), at: now) }
        health.note(.rejected(reason: "no such number"), at: now)
        health.note(.unknown(reason: "t"), at: now)

        #expect(!health.rests(at: now))
    }
}

struct ReceiptTests {
    @Test func `given reports in any order, then they only lead forward`() {
        #expect(Receipt.sent.follows(nil))
        #expect(Receipt.delivered.follows(.sent))
        #expect(Receipt.failed.follows(.sent))
        #expect(!Receipt.sent.follows(.delivered))
        #expect(!Receipt.sent.follows(.sent))
        for last in [Receipt.delivered, .failed, .unanswered] {
            for late in Receipt.allCases { #expect(!late.follows(last)) }
        }
    }
}
