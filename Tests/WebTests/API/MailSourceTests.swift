import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

/// Alert sources that take mails, on the API and on their pages.
@Suite struct MailSourceTests {
    private static func body(_ server: APIServer, _ extra: [String: JSONValue] = [:]) async throws -> JSONValue {
        let policy = try await server.policy([server.carol.id])
        return .object(
            [
                "name": .string("Shop mails"), "integrationType": .string("EMAIL"),
                "escalationPolicy": .object(["id": JSONValue(policy.id)]),
            ].merging(extra) { $1 })
    }

    private static let predicates: JSONValue = .array([
        .object([
            "field": .string("EMAIL_SUBJECT"), "criteria": .string("CONTAINS_STRING"), "value": .string("is down"),
        ])
    ])

    @Test func `given no address, when a mail source is made, then it has one that nobody guesses`() async throws {
        try await APIServer.run { server in
            let created = try await server.post("/api/alert-sources", Self.body(server))

            #expect(created.status == 201)
            let address = try #require(created.json?["integrationKey"]?.string)
            #expect(address.hasPrefix("shop-mails-"))
            #expect(address.hasSuffix("@localhost"))
            #expect(created.json?["integrationUrl"]?.string == "mailto:\(address)")
            #expect(try await server.get("/api/alert-sources/\(address)").json?["id"] == created.json?["id"])
        }
    }

    @Test func `given an address and rules for mails, when they are written and read, then all are as they were sent`()
        async throws
    {
        try await APIServer.run { server in
            let sent: [String: JSONValue] = [
                "integrationKey": .string("Shop@Alerts.Example.com"), "emailFiltered": .bool(true),
                "filterOperator": .string("OR"), "emailPredicates": Self.predicates,
                "emailResolveFiltered": .bool(false), "resolveFilterOperator": .string("AND"),
                "resolveKeyExtractor": .object([
                    "field": .string("EMAIL_SUBJECT"), "criteria": .string("ALL_TEXT_BEFORE"), "value": .string(" is "),
                ]), "alertCreation": .string("OPEN_RESOLVE_ON_EXTRACTION"),
            ]
            let created = try await server.post("/api/alert-sources", Self.body(server, sent))
            #expect(created.status == 201)
            #expect(created.json?["integrationKey"]?.string == "shop@alerts.example.com")
            let path = "/api/alert-sources/\(created.json?["id"]?.text ?? "")"
            for (name, value) in sent where name != "integrationKey" {
                #expect(created.json?[name] == value)
                #expect(try await server.get(path).json?[name] == value)
            }

            let again = try await server.put(path, server.get(path).json)
            #expect(again.status == 200)
            #expect(again.json?["integrationKey"]?.string == "shop@alerts.example.com")

            let mail = ReceivedMail(
                sender: "a@example.com", recipient: "shop@alerts.example.com", client: "192.0.2.1",
                content: Array("Subject: Cart is down\r\nMessage-ID: <a@b>\r\n\r\nx\r\n".utf8))
            #expect(await server.engine.mail.receive(mail) == .taken)
            #expect(try await server.get("/api/alerts").json?.array?.first?["alertKey"]?.string == "Cart")
        }
    }

    @Test func `given an address that is taken or none, when it is wanted, then the field is named`() async throws {
        try await APIServer.run { server in
            let first = ["integrationKey": JSONValue.string("shop@alerts.example.com")]
            #expect(try await server.post("/api/alert-sources", Self.body(server, first)).status == 201)
            for address in ["shop@alerts.example.com", "a b@c.de", "@c.de", "a@@c.de", "a@-c.de", "ä@c.de", ".a@c.de"] {
                let answer = try await server.post(
                    "/api/alert-sources", Self.body(server, ["integrationKey": .string(address)]))
                #expect(answer.status == 400)
                #expect(answer.json?["message"]?.string?.hasPrefix("integrationKey: ") == true)
            }
        }
    }

    @Test func `given rules with a fault, when they are saved, then the field is named`() async throws {
        try await APIServer.run { server in
            let answer = try await server.post(
                "/api/alert-sources",
                Self.body(server, ["emailPredicates": .array([.object(["field": .string("EMAIL_TO")])])]))

            #expect(answer.status == 400)
            #expect(answer.json?["message"]?.string?.hasPrefix("emailPredicates: ") == true)
        }
    }

    @Test func `given a source of webhooks, when a key is sent with it, then it keeps its own`() async throws {
        try await APIServer.run { server in
            let source = try await server.source(policy: server.policy([server.carol.id]).id)
            let before = try await server.get("/api/alert-sources/\(source.id)").json
            var members = try #require(before?.object)
            members["integrationKey"] = .string("chosen-by-somebody-else")

            let after = try await server.put("/api/alert-sources/\(source.id)", .object(members))

            #expect(after.json?["integrationKey"]?.string == source.integrationKey)
        }
    }

    @Test func `given the rules' page, when rules are tried and saved, then the last mails show what they do`()
        async throws
    {
        let server = try await PageServer()
        let source = try await server.addShop(type: "EMAIL2")
        try await server.browse { visitor in
            let path = "/alert-sources/\(source.id)/mail-rules"
            for (subject, id) in [("Cart is down", "m1"), ("Cart is up", "m2")] {
                let mail = ReceivedMail(
                    sender: "a@example.com", recipient: source.integrationKey, client: "192.0.2.1",
                    content: Array("From: a@example.com\r\nSubject: \(subject)\r\nMessage-ID: <\(id)>\r\n\r\nx".utf8))
                #expect(await server.engine.mail.receive(mail) == .taken)
            }
            try await visitor.signIn()
            let form = [
                ("filtered", "yes"), ("operator", "AND"), ("filterField", "EMAIL_SUBJECT"),
                ("filterCriterion", "CONTAINS_STRING"), ("filterValue", "is down"), ("filterField", "EMAIL_BODY"),
                ("filterCriterion", "IS_STRING"), ("filterValue", " "), ("resolves", "yes"), ("resolveOperator", "OR"),
                ("resolveField", "EMAIL_SUBJECT"), ("resolveCriterion", "MATCHES_REGEX"), ("resolveValue", "is up$"),
                ("extractField", "EMAIL_SUBJECT"), ("extraction", "ALL_TEXT_BEFORE"), ("extractValue", " is "),
            ]

            let preview = try await visitor.post(path, form + [("do", "preview")])
            #expect(preview.status == .ok)
            #expect(preview.text.contains("Raises an alert"))
            #expect(preview.text.contains("Resolves</span>"))
            #expect(preview.text.contains("<code>Cart</code>"))

            #expect(try await visitor.post(path, form + [("do", "save")]).status == .seeOther)
            let shown = try await visitor.get(path)
            #expect(shown.text.contains("value=\"is down\""))
            #expect(try await visitor.get("/alert-sources/\(source.id)").text.contains(source.integrationKey))

            let wrong = try await visitor.post(
                path, form.map { $0.0 == "resolveValue" ? ($0.0, "(") : $0 } + [("do", "save")])
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains("Email resolve predicates"))
        }
    }
}
