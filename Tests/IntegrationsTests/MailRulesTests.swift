import Alerting
import Testing

@testable import Integrations

@Suite struct MailRulesTests {
    private static func rules(_ json: String) throws -> MailRules { try MailRules(checking: JSONValue.parse(json)) }

    private static func mail(
        subject: String = "Service: Checkout is CRITICAL", from: String = "Shop <alerts@example.com>",
        body: String = "Answers with 503, since ten o'clock"
    ) -> MailMessage {
        MailMessage(Array("From: \(from)\nSubject: \(subject)\nMessage-ID: <m1@example.com>\n\n\(body)".utf8))
    }

    private static func one(_ field: String, _ criteria: String, _ value: String) throws -> MailRules {
        try rules(
            #"""
            {"emailFiltered": true, "emailPredicates": [
             {"field": "\#(field)", "criteria": "\#(criteria)", "value": "\#(value)"}]}
            """#
        )
    }

    @Test(arguments: [
        ("EMAIL_SUBJECT", "CONTAINS_ANY_WORDS", "warning critical", true),
        ("EMAIL_SUBJECT", "CONTAINS_ANY_WORDS", "crit", false),
        ("EMAIL_SUBJECT", "CONTAINS_ANY_WORDS", "x, checkout", true),
        ("EMAIL_SUBJECT", "CONTAINS_NOT_WORDS", "crit", true),
        ("EMAIL_SUBJECT", "CONTAINS_NOT_WORDS", "ok critical", false),
        ("EMAIL_BODY", "CONTAINS_STRING", "with 503", true),
        ("EMAIL_BODY", "CONTAINS_STRING", "WITH 503", true), ("EMAIL_BODY", "CONTAINS_STRING", "504", false),
        ("EMAIL_BODY", "CONTAINS_NOT_STRING", "504", true), ("EMAIL_FROM", "IS_STRING", "alerts@example.com", true),
        ("EMAIL_FROM", "IS_STRING", "shop <alerts@example.com>", true),
        ("EMAIL_FROM", "IS_STRING", "example.com", false),
        ("EMAIL_FROM", "IS_NOT_STRING", "alerts@example.com", false),
        ("EMAIL_FROM", "CONTAINS_ANY_WORDS", "alerts@example.com", true),
        ("EMAIL_SUBJECT", "IS_STRING", "service: checkout is critical", true),
        ("EMAIL_SUBJECT", "MATCHES_REGEX", "is (CRITICAL|WARNING)$", true),
        ("EMAIL_SUBJECT", "MATCHES_REGEX", "is critical", false),
        ("EMAIL_SUBJECT", "MATCHES_NOT_REGEX", "is OK$", true),
    ])
    func `given one predicate, when a mail is looked at, then it passes or not`(
        field: String, criteria: String, value: String, passes: Bool
    ) throws {
        let meaning = try Self.one(field, criteria, value).meaning(of: Self.mail())

        #expect(meaning == (passes ? .alert(key: "m1@example.com") : .dropped))
    }

    @Test(arguments: [("AND", false), ("OR", true), ("and", false)])
    func `given two predicates of which one holds, when a mail is looked at, then the operator decides`(
        word: String, passes: Bool
    ) throws {
        let rules = try Self.rules(
            #"""
            {"emailFiltered": true, "filterOperator": "\#(word)", "emailPredicates": [
             {"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_STRING", "value": "Checkout"},
             {"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_STRING", "value": "Warenkorb"}]}
            """#)

        #expect((rules.meaning(of: Self.mail()) != .dropped) == passes)
    }

    @Test func `given a filter that is off or empty, when a mail is looked at, then it passes`() throws {
        let off =
            #"""
            {"emailFiltered": false, "emailPredicates": [
             {"field": "EMAIL_FROM", "criteria": "IS_STRING", "value": "x"}]}
            """#
        for json in ["{}", off, #"{"emailFiltered": true}"#, #"{"emailFiltered": true, "emailPredicates": []}"#] {
            #expect(try Self.rules(json).meaning(of: Self.mail()) == .alert(key: "m1@example.com"))
        }
    }

    private static let resolving = #"""
        {"emailFiltered": true, "emailPredicates": [
          {"field": "EMAIL_SUBJECT", "criteria": "CONTAINS_ANY_WORDS", "value": "CRITICAL"}],
         "emailResolveFiltered": true, "emailResolvePredicates": [
          {"field": "EMAIL_SUBJECT", "criteria": "MATCHES_REGEX", "value": "is OK$"}],
         "resolveKeyExtractor": {"field": "EMAIL_SUBJECT", "criteria": "MATCHES_REGEX", "value": "Service:(.*) is"}}
        """#

    @Test func `given a key extractor and resolve rules, when a failure and its end come, then they share a key`()
        throws
    {
        let rules = try Self.rules(Self.resolving)

        #expect(rules.meaning(of: Self.mail()) == .alert(key: "Checkout"))
        #expect(rules.meaning(of: Self.mail(subject: "Service: Checkout is OK")) == .resolve(key: "Checkout"))
        #expect(rules.meaning(of: Self.mail(subject: "Newsletter")) == .dropped)
        // What names no problem is a matter of its own.
        #expect(rules.meaning(of: Self.mail(subject: "CRITICAL")) == .alert(key: "m1@example.com"))
    }

    @Test(arguments: [
        ("ALL_TEXT_BEFORE", " is ", "Service: Checkout"), ("ALL_TEXT_AFTER", "SERVICE:", "Checkout is CRITICAL"),
        ("ALL_TEXT_AFTER", "nowhere", "m1@example.com"), ("MATCHES_REGEX", "[A-Z]{8}", "CRITICAL"),
        ("MATCHES_REGEX", "(Cart)|(Checkout)", "Checkout"), ("ALL_TEXT_BEFORE", "Service", "m1@example.com"),
    ])
    func `given an extractor, when a mail is looked at, then this is its key`(
        criteria: String, value: String, key: String
    ) throws {
        let rules = try Self.rules(
            #"{"resolveKeyExtractor": {"field": "EMAIL_SUBJECT", "criteria": "\#(criteria)", "value": "\#(value)"}}"#)

        #expect(rules.meaning(of: Self.mail()) == .alert(key: key))
    }

    @Test func `given no extractor, when a mail that resolves answers another, then that one's alert is meant`() throws
    {
        let rules = try Self.rules(
            #"""
            {"emailResolveFiltered": true, "emailResolvePredicates": [
             {"field": "EMAIL_BODY", "criteria": "CONTAINS_STRING", "value": "done"}]}
            """#
        )
        let answer = MailMessage(Array("In-Reply-To: <m1@example.com>\n\ndone".utf8))
        let other = MailMessage(Array("Message-ID: <m2@example.com>\n\ndone".utf8))

        #expect(rules.meaning(of: answer) == .resolve(key: "m1@example.com"))
        #expect(rules.meaning(of: other) == .resolve(key: nil))
    }

    @Test(arguments: [
        (#"{"emailFiltered": "yes"}"#, "emailFiltered"), (#"{"filterOperator": "XOR"}"#, "filterOperator"),
        (#"{"filterOperator": 7}"#, "filterOperator"), (#"{"emailPredicates": {}}"#, "emailPredicates"),
        (#"{"emailPredicates": [{}]}"#, "emailPredicates"), (#"{"emailPredicates": ["x"]}"#, "emailPredicates"),
        (#"{"emailPredicates": [{"field": "EMAIL_TO", "criteria": "IS_STRING", "value": "x"}]}"#, "emailPredicates"),
        (#"{"emailPredicates": [{"field": "EMAIL_FROM", "criteria": "LIKES", "value": "x"}]}"#, "emailPredicates"),
        (#"{"emailPredicates": [{"field": "EMAIL_FROM", "criteria": "IS_STRING", "value": " "}]}"#, "emailPredicates"),
        (
            #"{"emailResolvePredicates": [{"field": "EMAIL_BODY", "criteria": "MATCHES_REGEX", "value": "("}]}"#,
            "emailResolvePredicates"
        ),
        (#"{"resolveKeyExtractor": "x"}"#, "resolveKeyExtractor"),
        (
            #"{"resolveKeyExtractor": {"field": "EMAIL_BODY", "criteria": "MATCHES_REGEX", "value": "(?<=a)b"}}"#,
            "resolveKeyExtractor"
        ),
    ])
    func `given rules with a fault, when they are checked, then the field is named`(json: String, field: String) throws
    {
        let fields = try JSONValue.parse(json)

        #expect(throws: MailRulesFault.self) { try MailRules(checking: fields) }
        do throws(MailRulesFault) {
            _ = try MailRules(checking: fields)
        } catch {
            #expect(error.field == field)
            #expect(error.reason.hasSuffix("."))
        }
        #expect(MailRules(stored: fields) == MailRules())
    }

    @Test func `given what clients send for none, when it is checked, then there is none`() throws {
        let json =
            #"""
            {"emailPredicates": null, "filterOperator": "",
             "resolveKeyExtractor": {"field": "", "criteria": "", "value": ""}}
            """#

        #expect(try Self.rules(json) == MailRules())
    }

    @Test func `given a mail, when the integration reads it, then the event says what a person would want to know`()
        throws
    {
        let request = WebhookRequest(
            method: Email.method, headers: [.init("X-Mail-To", "shop@bell.example")],
            body: try Fixture.bytes("email/alternative.eml"))

        let event = try #require(try Email.read(request).first)

        #expect(event.kind == .alert)
        #expect(event.alertKey == "alt-1@mail.example.com")
        #expect(event.summary.hasPrefix("Störung: Warenkorb langsam"))
        #expect(event.details.hasPrefix("From: Jörg Müller <joerg@example.com>\n\nDer Warenkorb ist langsam"))
        #expect(event.details.hasSuffix("Attached: Übersicht.png"))
        #expect(event.customDetails?["fromAddress"]?.string == "joerg@example.com")
        #expect(event.customDetails?["to"]?.string == "shop@bell.example")
        #expect(event.customDetails?["headers"]?["message-id"]?.string == "<alt-1@mail.example.com>")
        #expect(event.occurredAt == Timestamp(iso8601: "2026-01-01T09:00:00Z"))
    }

    @Test func `given a mail without a subject or without anything, when it is read, then it is an alert or refused`()
        throws
    {
        let event = try Email.read(WebhookRequest(body: Array("From: a@example.com\n\nx".utf8)))
        #expect(event.first?.summary == "Mail from a@example.com")
        #expect(throws: IntegrationError.self) { try Email.read(WebhookRequest(body: Array(" \r\n".utf8))) }
    }
}
