import Alerting
import Integrations
import Testing

/// Notifications that name the state only in a sentence.
@Suite struct RapidSpikeSentenceTests {
    @Test(arguments: [
        "Shop - Home is passing", "Shop - Home changed from failing to passing", "Home: failing to passing",
        "Home was failing and is now passing", "Home is passing again after failing for 5 minutes",
        "[Up] Shop", "UP: Shop - Home", "Home is back up", "FAILING -> PASSING", "failing → passing",
        "Home has recovered", "Home resolved", "The monitor is no longer failing", "Home is up", "passing", "OK",
    ])
    func `given a sentence about recovery, when read, then it resolves`(sentence: String) throws {
        #expect(try kind(sentence) == .resolve)
    }

    @Test(arguments: [
        "Shop - Home is failing", "Home changed from passing to failing", "Home: passing to failing",
        "Home is now failing", "Home is down", "PASSING -> FAILING", "Home is failing to pass step 3",
        "Home is no longer passing", "Home is not passing", "Home isn't passing", "Home stopped passing",
        "Sign up is failing", "2 failing, 5 passing", "Home is passing, Checkout is failing", "error: timeout",
        "Follow-up page failed", "Shop is up but the journey is failing", "Home was passing, now failing",
    ])
    func `given a sentence about failure, when read, then it is an alert`(sentence: String) throws {
        #expect(try kind(sentence) == .alert)
    }

    @Test(arguments: ["Sign up page timed out", "Set up your monitors", "Look at the pass rate", "Hello", ""])
    func `given a sentence about neither, when read, then it is unreadable`(sentence: String) {
        #expect(throws: IntegrationError.self) { try kind(sentence) }
    }

    @Test func `given a label that looks like a state, when its sentence is read, then it does not count`() throws {
        let body =
            #"{"website":{"label":"Shop"},"monitor":{"label":"Error page","uuid":"1"},"title":"Error page passing"}"#

        #expect(try RapidSpike.read(Fixture.json(body)).first?.kind == .resolve)
    }

    @Test(arguments: ["message", "text", "title", "subject", "data.message", "attachments.0.text"])
    func `given any place for the sentence, when read, then it is found`(path: String) throws {
        #expect(try RapidSpike.read(Fixture.form("uuid=1&\(path)=Home+is+failing")).first?.kind == .alert)
    }

    @Test func `given a state field that holds a sentence, when nothing else says it, then it is read`() throws {
        let body = #"{"status":"Home is failing since 10:00","uuid":"1"}"#

        #expect(try RapidSpike.read(Fixture.json(body)).first?.kind == .alert)
    }

    @Test func `given plain text, when read, then the sentence counts and is the summary`() throws {
        let request = WebhookRequest(
            headers: [.init("Content-Type", "text/plain")], body: Array("Shop - Home is failing (code=503)".utf8))

        let event = try #require(try RapidSpike.read(request).first)

        #expect(event.kind == .alert)
        #expect(event.summary == "Shop - Home is failing (code=503)")
    }

    private func kind(_ sentence: String) throws -> AlertEvent.Kind? {
        let body = JSONValue.object(["uuid": .string("1"), "message": .string(sentence)])
        return try RapidSpike.read(Fixture.json(body.text)).first?.kind
    }
}
