import Alerting
import Engine
import Hummingbird
import Storage

/// The account's own settings: not part of ilert's contract.
enum AccountRoutes {
    static let all: [APIRoute] = [
        .get("/account") { call in
            JSONAnswer.response(json(try await call.administration.account.find(by: call.caller)))
        },
        .put("/account") { call in
            let fields = try await call.fields()
            let account = try await call.administration.account.update(
                name: fields.text("name"), lastResortEmails: emails(fields), by: call.caller)
            return JSONAnswer.response(json(account))
        },
    ]

    private static func emails(_ fields: JSONFields) throws(Failure) -> [String]? {
        guard let value = fields.members["lastResortEmails"], !value.isNull else { return nil }
        let wrong = fields.invalid("lastResortEmails", "must be a list of email addresses.")
        guard let items = value.array else { throw wrong }
        var emails: [String] = []
        for item in items {
            guard let email = item.string else { throw wrong }
            emails.append(email)
        }
        return emails
    }

    private static func json(_ account: AccountRecord) -> JSONValue {
        .members([
            "id": JSONValue(account.id), "name": .string(account.name),
            "lastResortEmails": .texts(account.lastResortEmails),
            "owner": account.owner.map { .object(["id": JSONValue($0)]) },
        ])
    }
}
