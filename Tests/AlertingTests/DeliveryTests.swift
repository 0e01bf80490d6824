import Alerting
import Testing

struct DeliveryTests {
    private static let now = Timestamp(milliseconds: 1_767_225_600_000)
    private static let later = now + .hours(4)

    private func next(
        _ outcome: DeliveryOutcome, attempt: Int = 1, deadline: Timestamp = later
    ) -> Delivery.Next {
        Delivery.next(after: outcome, attempt: attempt, at: Self.now, deadline: deadline)
    }

    @Test func `given the provider took it, then it is delivered, past its deadline too`() {
        #expect(next(.delivered(receipt: "250 ok"), attempt: 99, deadline: Self.now - .days(1)) == .delivered)
    }

    @Test func `given the provider refused it, then it is given up at once`() {
        #expect(next(.rejected(reason: "550")) == .givenUp(reason: "550"))
    }

    @Test(arguments: zip(1...9, [5, 10, 20, 40, 80, 160, 300, 300, 300]))
    func `given attempt after attempt, then the pause doubles up to five minutes`(attempt: Int, seconds: Int) {
        let due = Self.now + .seconds(seconds)

        #expect(next(.unknown(reason: "timeout"), attempt: attempt) == .attempt(at: due, reason: "timeout"))
        #expect(next(.retry(after: nil, reason: "451"), attempt: attempt) == .attempt(at: due, reason: "451"))
    }

    @Test func `given the provider names a time, then the longer of both is waited`() {
        #expect(next(.retry(after: .seconds(60), reason: "r")) == .attempt(at: Self.now + .seconds(60), reason: "r"))
        #expect(next(.retry(after: .seconds(1), reason: "r")) == .attempt(at: Self.now + .seconds(5), reason: "r"))
        #expect(next(.retry(after: .seconds(-9), reason: "r")) == .attempt(at: Self.now + .seconds(5), reason: "r"))
    }

    @Test func `given a deadline, when the next attempt falls on it, then it is made, and not a moment later`() {
        let due = Self.now + .seconds(5)

        #expect(next(.unknown(reason: "r"), deadline: due) == .attempt(at: due, reason: "r"))
        #expect(next(.unknown(reason: "r"), deadline: due - .milliseconds(1)) == .givenUp(reason: "r"))
    }

    @Test func `given the last attempt, then it is given up`() {
        let far = Self.now + .days(9)
        let last = Limits.deliveryAttempts

        #expect(next(.unknown(reason: "r"), attempt: last, deadline: far) == .givenUp(reason: "r"))
        #expect(
            next(.unknown(reason: "r"), attempt: last - 1, deadline: far)
                == .attempt(at: Self.now + .minutes(5), reason: "r"))
    }

    @Test(arguments: [0, -1, Int.max])
    func `given a count that cannot be, then nothing overflows`(attempt: Int) {
        _ = next(.unknown(reason: "r"), attempt: attempt)
    }
}
