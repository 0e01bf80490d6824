import Alerting
import Storage

/// Short names for people, made of their email addresses.
enum Usernames {
    private static let length = 60

    /// The part of `email` before the `@`, with a number behind it when somebody has it already.
    static func free(for email: String, account: Account.ID, in transaction: any Transaction) throws -> String {
        let base = base(of: email)
        for number in 1...1000 {
            let name = number == 1 ? base : "\(base)\(number)"
            if try Users.find(username: name, account: account, in: transaction) == nil { return name }
        }
        throw Failure(.conflict, "There are too many users named \(base).")
    }

    /// - Throws: `Failure.invalid` for a name that could not stand in a path beside ids and `current`.
    static func checked(_ text: String) throws(Failure) -> String {
        let name = text.lowercased()
        guard (1...length).contains(name.utf8.count), name.utf8.allSatisfy(isAllowed),
            !name.utf8.allSatisfy({ (48...57).contains($0) }), name != "current"
        else {
            throw .invalid("username", "must be made of letters, digits, dots, dashes and underscores.")
        }
        return name
    }

    private static func base(of email: String) -> String {
        let allowed = email.prefix { $0 != "@" }.lowercased().utf8.filter(isAllowed)
        let name = String(decoding: allowed.prefix(length - 4), as: UTF8.self)
        guard !name.isEmpty, name != "current" else { return "user" }
        return name.utf8.allSatisfy { (48...57).contains($0) } ? "user\(name)" : name
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte) || "._-".utf8.contains(byte)
    }
}
