public import Alerting
import Crypto
import Foundation
public import Storage

/// Clicks on the buttons of messages in Slack: checked, done in the name of whoever clicked, answered privately.
///
/// Source: https://api.slack.com/authentication/verifying-requests-from-slack and
/// https://api.slack.com/interactivity/handling, read 2026-11-23.
public struct SlackClicks: Sendable {
    let store: Store
    let desk: AlertDesk
    let sender: any ActionSender
    let links: ActionLinks

    /// How old a signed request may be; older ones may be repetitions by somebody else.
    public static let tolerance = Duration.minutes(5)
    /// How long a link acts that says who somebody is.
    private static let lifetime = Duration.hours(1)

    /// - Parameters:
    ///   - time: the header `X-Slack-Request-Timestamp`.
    ///   - signature: the header `X-Slack-Signature`.
    ///   - body: as it came; `payload=…` in a form's encoding, taken apart by the caller.
    ///   - payload: the JSON in it.
    /// - Throws: `Failure.notFound` for an unknown connector, `Failure.forbidden` for a wrong or old signature,
    ///   `Failure.invalid` for a body that is none.
    public func receive(
        connector id: ConnectorRecord.ID, time: String?, signature: String?, body: [UInt8], payload: String
    ) async throws {
        let found = try await store.read { try Connectors.find(id, in: $0) }
        guard let connector = found, connector.kind == "slack", let secret = connector.params["secret"]?.string else {
            throw Failure(.notFound, "There is no such connector.")
        }
        guard Self.isValid(body, time: time, signature: signature, secret: secret, at: store.clock.now) else {
            throw Failure(.forbidden, "The signature does not fit, or is too old.")
        }
        // What is no JSON carries no payload.
        guard let json = try? JSONValue.parse(Array(payload.utf8)), let person = json["user"]?["id"]?.string else {
            throw Failure(.invalid, "The body carries no payload.")
        }
        guard json["type"]?.string == "block_actions" else { return }
        let kind = "slack:\(json["team"]?["id"]?.string ?? json["user"]?["team_id"]?.string ?? "")"
        let account = connector.account
        for action in (json["actions"]?.array ?? []).prefix(5) {
            guard let alert = action["value"]?.string.flatMap({ Alert.ID($0) }) else { continue }
            let words = try await act(
                action["action_id"]?.string ?? "", on: alert, person: person, kind: kind, account: account)
            if let words, let url = json["response_url"]?.string { await reply(words, to: url) }
        }
    }

    /// - Returns: what to tell the person; `nil`: the message itself will show it.
    private func act(
        _ name: String, on alert: Alert.ID, person: String, kind: String, account: Account.ID
    ) async throws -> String? {
        let caller: Caller? = try await store.read { transaction in
            try ChatIdentities.find(person, kind: kind, account: account, in: transaction)
                .flatMap { try Users.find($0, in: transaction) }.map { Caller($0) }
        }
        guard let caller, caller.account == account else {
            return "I do not know who you are here. Open this link once, and then press again: "
                + link(person: person, kind: kind, account: account)
        }
        do {
            switch name {
            case "accept": try await desk.accept(alert, by: caller)
            case "resolve": try await desk.resolve(alert, by: caller)
            default: return nil
            }
            return nil
        } catch let failure as Failure {
            return failure.message
        }
    }

    private func reply(_ words: String, to url: String) async {
        let alert = Alert(
            id: .init(1), account: .init(1), source: .init(1), key: "", priority: .low, summary: words, policy: nil,
            escalation: Escalation(policy: EscalationPolicy(levels: []), raisedAt: store.clock.now),
            raisedAt: store.clock.now, lastEventAt: store.clock.now)
        _ = await sender.perform(
            ActionOrder(
                kind: "slack_reply", params: .object(["url": .string(url), "text": .string(words)]),
                snapshot: AlertSnapshot(alert, trigger: .manual, sourceName: "", url: ""), idempotencyKey: "",
                now: store.clock.now))
    }

    /// Whether the signature is the secret's and fresh.
    static func isValid(
        _ body: [UInt8], time: String?, signature: String?, secret: String, at now: Timestamp
    ) -> Bool {
        guard let time, let signature, let seconds = Int64(time) else { return false }
        let age = now - Timestamp(milliseconds: seconds.multipliedReportingOverflow(by: 1000).partialValue)
        guard age <= tolerance, age >= .zero - tolerance else { return false }
        return Tokens.areEqual(Self.signature(of: body, time: time, secret: secret), signature)
    }

    /// What Slack sends as `X-Slack-Signature`: `v0=` and the hexadecimal HMAC-SHA256 of `v0:<time>:<body>`.
    ///
    /// - Parameter time: what it sends as `X-Slack-Request-Timestamp`.
    public static func signature(of body: [UInt8], time: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("v0:\(time):".utf8) + Data(body), using: SymmetricKey(data: Data(secret.utf8)))
        return "v0=" + code.hexadecimal
    }

    // MARK: - Who somebody is

    /// A link that a signed-in person follows to say that they are `person`.
    func link(person: String, kind: String, account: Account.ID) -> String {
        let until = (store.clock.now + Self.lifetime).milliseconds
        let text = "\(account)|\(kind)|\(person)|\(until)"
        let token = Data("\(text)|\(links.code(for: "chat \(text)"))".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "\(links.publicURL)/chat-identity?token=\(token)"
    }

    /// Whom a link speaks of; `nil`: it was not made here, or is too old.
    public func person(in token: String) -> (account: Account.ID, kind: String, person: String)? {
        var text = token.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard token.utf8.count <= 1000, let data = Data(base64Encoded: text) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 5, let account = Account.ID(parts[0]), let until = Int64(parts[3]) else { return nil }
        let signed = parts.prefix(4).joined(separator: "|")
        guard Tokens.areEqual(links.code(for: "chat \(signed)"), String(parts[4])),
            store.clock.now.milliseconds < until
        else { return nil }
        return (account, String(parts[1]), String(parts[2]))
    }

    /// The caller is the person that a link speaks of.
    ///
    /// - Throws: `Failure.invalid` for a link that does not act any more, or is for another account.
    public func identify(_ token: String, as caller: Caller) async throws {
        guard let found = person(in: token), found.account == caller.account else {
            throw Failure(.invalid, "This link does not act any more; press the button in the chat again.")
        }
        try await store.write { change in
            try ChatIdentities.set(
                found.person, kind: found.kind, account: found.account, user: caller.user, at: change.now,
                in: change.transaction)
            try change.audit(
                "chat_identity.set", account: caller.account, by: caller.user, target: "user",
                id: caller.user.rawValue, details: "Is somebody in \(found.kind.split(separator: ":").first ?? "")")
        }
    }
}
