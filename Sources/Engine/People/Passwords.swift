public import Alerting
import Crypto
import CryptoExtras
import Dispatch
import Foundation
import Synchronization

/// Hashes passwords with scrypt, away from the threads that answer requests.
///
/// A stored hash is `scrypt$<log2 N>$<r>$<p>$<salt, base64>$<hash, base64>`, so that its cost may grow later.
public final class Passwords: Sendable {
    /// Characters.
    public static let length = 10...256

    private struct Parameters {
        var log2N: Int
        var blockSize: Int
        var parallelism: Int
        var salt: Data
    }

    private static let saltLength = 16
    private static let hashLength = 32
    /// Hashes that wait; each costs some 50 ms of one of two threads and 32 MB.
    private static let mostWaiting = 64

    private let log2N: Int
    private let queues = [
        DispatchQueue(label: "nightbell.passwords.0"), DispatchQueue(label: "nightbell.passwords.1"),
    ]
    private let waiting = Mutex([0, 0])

    /// - Parameter log2N: the cost of new hashes; 15 costs 32 MB.
    public init(log2N: Int = 15) {
        precondition((1...20).contains(log2N), "a cost outside of what is sensible")
        self.log2N = log2N
    }

    /// - Throws: `Failure.invalid` for a password that is too short or too long.
    public static func check(_ password: String, _ field: String = "password") throws(Failure) {
        guard length.contains(password.count), password.utf8.count <= length.upperBound * 4 else {
            throw .invalid(field, "must have \(length.lowerBound) to \(length.upperBound) characters.")
        }
    }

    /// - Throws: `Failure.invalid` as `check` does, `Failure.unavailable` when too many wait.
    public func hash(_ password: String, _ field: String = "password") async throws -> String {
        try Self.check(password, field)
        var generator = SystemRandomNumberGenerator()
        let salt = Data((0..<Self.saltLength).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let parameters = Parameters(log2N: log2N, blockSize: 8, parallelism: 1, salt: salt)
        return Self.text(of: parameters, hash: try await derive(password, parameters))
    }

    /// Whether `password` is the one that `stored` was made of.
    ///
    /// - Parameter stored: `nil` for a user who is unknown or has no password: costs the same time and answers no.
    /// - Throws: `Failure.unavailable` when too many wait.
    public func verify(_ password: String, against stored: String?) async throws -> Bool {
        let isPossible = (1...Self.length.upperBound * 4).contains(password.utf8.count)
        let (parameters, expected) =
            try stored.map(Self.read)
            ?? (Parameters(log2N: log2N, blockSize: 8, parallelism: 1, salt: Data(count: Self.saltLength)), Data())
        let hash = try await derive(isPossible ? password : "impossible", parameters)
        let isSame = Tokens.areEqual(hash.base64EncodedString(), expected.base64EncodedString())
        return isPossible && stored != nil && isSame
    }

    private func derive(_ password: String, _ parameters: Parameters) async throws -> Data {
        // The same letters typed on another system may come as other code points.
        let bytes = Data(password.precomposedStringWithCanonicalMapping.utf8)
        guard let number = enter() else {
            throw Failure(.unavailable, "Too many people are signing in at once; try again.")
        }
        return try await withCheckedThrowingContinuation { continuation in
            queues[number].async {
                let result = Result {
                    try KDF.Scrypt.deriveKey(
                        from: bytes, salt: parameters.salt, outputByteCount: Self.hashLength,
                        rounds: 1 << parameters.log2N, blockSize: parameters.blockSize,
                        parallelism: parameters.parallelism
                    ).withUnsafeBytes { Data($0) }
                }
                self.waiting.withLock { $0[number] -= 1 }
                continuation.resume(with: result)
            }
        }
    }

    /// The queue with fewer waiting; `nil` when there are too many.
    private func enter() -> Int? {
        waiting.withLock { waiting in
            guard waiting.reduce(0, +) < Self.mostWaiting else { return nil }
            let number = waiting[0] <= waiting[1] ? 0 : 1
            waiting[number] += 1
            return number
        }
    }

    private static func text(of parameters: Parameters, hash: Data) -> String {
        [
            "scrypt", String(parameters.log2N), String(parameters.blockSize), String(parameters.parallelism),
            parameters.salt.base64EncodedString(), hash.base64EncodedString(),
        ].joined(separator: "$")
    }

    private static func read(_ stored: String) throws(Failure) -> (Parameters, Data) {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let log2N = Int(parts[1]), (1...20).contains(log2N),
            let blockSize = Int(parts[2]), (1...32).contains(blockSize), let parallelism = Int(parts[3]),
            (1...8).contains(parallelism), let salt = Data(base64Encoded: parts[4]), !salt.isEmpty,
            let hash = Data(base64Encoded: parts[5]), hash.count == hashLength
        else {
            let sentence = "Something is wrong on the server; it is in its log."
            throw Failure(.internal, sentence, cause: "a password hash is unreadable")
        }
        return (Parameters(log2N: log2N, blockSize: blockSize, parallelism: parallelism, salt: salt), hash)
    }
}
