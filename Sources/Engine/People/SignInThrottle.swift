import Alerting
import Synchronization

/// Counts failed sign-ins by account and by address, in memory: guessing passwords must be slow.
final class SignInThrottle: Sendable {
    static let window = Duration.minutes(15)
    static let mostByAccount = 10
    /// A whole office may share an address.
    static let mostByAddress = 30
    private static let mostEntries = 20_000

    private enum Name: Hashable {
        case account(String)
        case address(String)
    }

    private let attempts = Mutex<[Name: [Timestamp]]>([:])

    /// Counts an attempt before its password is looked at, so that many at once count too.
    ///
    /// - Throws: `Failure.unavailable` when there were too many.
    func begin(email: String, address: String, at now: Timestamp) throws(Failure) {
        let names = Self.names(email, address)
        let limit = attempts.withLock { attempts -> Timestamp? in
            let since = now - Self.window
            if attempts.count > Self.mostEntries {
                attempts = attempts.filter { $0.value.contains { $0 > since } }
                // Still full of fresh names: somebody sends random ones. Addresses matter more than accounts.
                if attempts.count > Self.mostEntries {
                    attempts = attempts.filter { if case .address = $0.key { true } else { false } }
                }
                if attempts.count > Self.mostEntries { attempts = [:] }
            }
            for (name, most) in names {
                let recent = (attempts[name] ?? []).filter { $0 > since }
                attempts[name] = recent.isEmpty ? nil : recent
                if recent.count >= most, let first = recent.first { return first + Self.window }
            }
            for (name, _) in names { attempts[name, default: []].append(now) }
            return nil
        }
        guard let limit else { return }
        let minutes = max(1, ((limit - now).wholeMilliseconds + 59_999) / 60_000)
        throw Failure(
            .unavailable, "There were too many failed attempts. Try again in \(minutes) min.",
            cause: "TOO_MANY_SIGN_INS")
    }

    /// Forgets the account's attempts and this one of the address: the password was right.
    func succeeded(email: String, address: String, at now: Timestamp) {
        attempts.withLock { attempts in
            attempts[.account(email.lowercased())] = nil
            if let index = attempts[.address(address)]?.lastIndex(of: now) {
                attempts[.address(address)]?.remove(at: index)
            }
        }
    }

    private static func names(_ email: String, _ address: String) -> [(Name, Int)] {
        [(.account(email.lowercased()), mostByAccount), (.address(address), mostByAddress)]
    }
}
