/// The ways to reach a person.
public enum Channel: String, Sendable, CaseIterable {
    case email, sms, voice, push, whatsapp, telegram
    /// Services that people run or rent for push messages of their own.
    case ntfy, gotify, pushover
}

/// How one attempt to hand a message over ended. "No error" is not delivery: only the other side's word counts.
public enum DeliveryOutcome: Equatable, Sendable {
    /// The provider took responsibility for the message.
    case delivered(receipt: String?)
    /// The provider refuses it for good; repeating is useless.
    case rejected(reason: String)
    /// The provider asks to come back; `after` is its own wish, `nil` when it has none.
    case retry(after: Duration?, reason: String)
    /// It may or may not have been taken. Repeated: a second page is better than none.
    case unknown(reason: String)
}

/// The retry state of one message: what follows from an attempt's outcome.
public enum Delivery {
    public enum Next: Equatable, Sendable {
        case delivered
        case attempt(at: Timestamp, reason: String)
        /// Another provider of the channel is tried at once.
        case failOver(reason: String)
        /// This contact is given up; the person's next one is tried.
        case givenUp(reason: String)
    }

    /// - Parameters:
    ///   - attempt: 1 for the first.
    ///   - providers: of the channel; after a passing failure each is tried before there is a pause.
    ///   - deadline: past it nothing is tried again.
    public static func next(
        after outcome: DeliveryOutcome, attempt: Int, providers: Int = 1, at now: Timestamp, deadline: Timestamp
    ) -> Next {
        let count = max(providers, 1)
        let round = (max(attempt, 1) - 1) / count + 1
        let isRoundOver = max(attempt, 1).isMultiple(of: count)
        switch outcome {
        case .delivered: return .delivered
        case .rejected(let reason): return .givenUp(reason: reason)
        case .retry(_, let reason) where !isRoundOver && now <= deadline: return .failOver(reason: reason)
        case .unknown(let reason) where !isRoundOver && now <= deadline: return .failOver(reason: reason)
        case .retry(let wish, let reason):
            return again(at: now + max(wish ?? .zero, pause(after: round)), round, deadline, reason)
        case .unknown(let reason): return again(at: now + pause(after: round), round, deadline, reason)
        }
    }

    /// Doubles from 5 seconds to 5 minutes.
    static func pause(after attempt: Int) -> Duration {
        .seconds(min(300, 5 << min(max(attempt - 1, 0), 10)))
    }

    private static func again(at time: Timestamp, _ attempt: Int, _ deadline: Timestamp, _ reason: String) -> Next {
        guard attempt < Limits.deliveryAttempts, time <= deadline else { return .givenUp(reason: reason) }
        return .attempt(at: time, reason: reason)
    }
}
