import Alerting
import Engine
import Storage
import Testing

struct PreferenceAdministrationTests {
    private func email(_ office: Office) async throws -> Contact.ID {
        try #require(try await office.contacts.list(of: office.bob.user, kind: .email, by: office.bob).first).id
    }

    private func create(_ draft: PreferenceDraft, _ office: Office) async throws -> PreferenceRecord {
        try await office.preferences.create(draft, for: office.bob.user, by: office.bob)
    }

    @Test func `given one preference of each area, when listed, then each is in its own`() async throws {
        let office = try await Office()
        let contact = try await email(office)
        let drafts = [
            PreferenceDraft(
                area: .alerts, channel: .email, contact: contact, delayMinutes: 120, kind: "LOW_PRIORITY"),
            PreferenceDraft(area: .duties, channel: .email, contact: contact, delayMinutes: 1440),
            PreferenceDraft(area: .updates, channel: .email, contact: contact, delayMinutes: 5, kind: "ALERT_RESOLVED"),
            PreferenceDraft(area: .subscriptions, channel: .email, contact: contact, kind: "whatever"),
        ]

        for draft in drafts { _ = try await create(draft, office) }

        let all = try await office.preferences.list(of: office.bob.user, by: office.alice)
        #expect(all.map(\.area) == [.alerts, .duties, .updates, .subscriptions])
        #expect(all.map(\.delayMinutes) == [120, 1440, 0, 0])
        #expect(all.map(\.kind) == ["LOW_PRIORITY", "ON_CALL", "ALERT_RESOLVED", ""])
        let duties = try await office.preferences.list(of: office.bob.user, area: .duties, by: office.bob)
        #expect(duties == [all[1]])
        #expect(
            try await office.preferences.find(all[1].id, area: .duties, of: office.bob.user, by: office.bob) == all[1])
    }

    @Test(arguments: [
        (
            PreferenceDraft(area: .alerts, channel: .email, contact: nil, delayMinutes: 121, kind: "HIGH_PRIORITY"),
            "delayMin"
        ),
        (
            PreferenceDraft(area: .alerts, channel: .email, contact: nil, delayMinutes: -1, kind: "HIGH_PRIORITY"),
            "delayMin"
        ),
        (PreferenceDraft(area: .alerts, channel: .email, contact: nil, kind: "MEDIUM"), "type"),
        (PreferenceDraft(area: .alerts, channel: .email, contact: nil, kind: ""), "type"),
        (PreferenceDraft(area: .duties, channel: .voice, contact: nil, kind: "ON_CALL"), "method"),
        (PreferenceDraft(area: .duties, channel: .email, contact: nil, delayMinutes: 20, kind: "ON_CALL"), "beforeMin"),
        (PreferenceDraft(area: .updates, channel: .email, contact: nil, kind: "ON_CALL"), "type"),
        (PreferenceDraft(area: .subscriptions, channel: .whatsapp, contact: nil), "method"),
        (PreferenceDraft(area: .alerts, channel: .email, contact: nil, kind: "HIGH_PRIORITY"), "contact"),
        (PreferenceDraft(area: .alerts, channel: .sms, contact: Contact.ID(999_999), kind: "HIGH_PRIORITY"), "contact"),
    ])
    func `given a wrong field, when created, then it is named`(draft: PreferenceDraft, field: String) async throws {
        let office = try await Office()

        let failure = try await office.failure { try await create(draft, office) }

        #expect(failure?.code == .invalid)
        #expect(failure?.message.hasPrefix("\(field): ") == true)
    }

    @Test func `given an email contact, when SMS is wanted on it, then it is refused`() async throws {
        let office = try await Office()
        let contact = try await email(office)

        let failure = try await office.failure {
            try await create(
                PreferenceDraft(area: .alerts, channel: .sms, contact: contact, kind: "HIGH_PRIORITY"), office)
        }

        #expect(failure?.message == "contact: cannot be reached by sms.")
    }

    @Test func `given a contact of somebody else, when named, then it is refused`() async throws {
        let office = try await Office()
        let alices = try #require(try await office.contacts.list(of: office.alice.user, by: office.alice).first)

        let failure = try await office.failure {
            try await create(
                PreferenceDraft(area: .alerts, channel: .email, contact: alices.id, kind: "HIGH_PRIORITY"), office)
        }

        #expect(failure?.code == .invalid)
    }

    @Test func `given a preference, when made again, then it is a conflict, and changed it is fine`() async throws {
        let office = try await Office()
        var draft = PreferenceDraft(
            area: .alerts, channel: .email, contact: try await email(office), kind: "HIGH_PRIORITY")
        let preference = try await create(draft, office)

        let twice = try await office.failure { [draft] in try await create(draft, office) }
        draft.delayMinutes = 5
        let updated = try await office.preferences.update(
            preference.id, with: draft, of: office.bob.user, by: office.bob)
        try await office.preferences.delete(preference.id, area: .alerts, of: office.bob.user, by: office.bob)

        #expect(twice?.code == .conflict)
        #expect(updated.delayMinutes == 5)
        #expect(try await office.preferences.list(of: office.bob.user, by: office.bob).isEmpty)
    }

    @Test func `given a stranger, when they look or write, then it is forbidden`() async throws {
        let office = try await Office()
        let draft = PreferenceDraft(area: .alerts, channel: .push, contact: nil, kind: "HIGH_PRIORITY")
        let failures = [
            try await office.failure { try await office.preferences.list(of: office.bob.user, by: office.carol) },
            try await office.failure {
                try await office.preferences.create(draft, for: office.bob.user, by: office.carol)
            },
        ]

        #expect(failures.allSatisfy { $0?.code == .forbidden })
    }
}
