import Alerting
import Engine
import HTTPTypes
import Storage
import Testing

@testable import Web

/// The priority of an alert source, in the wizard and on its form.
struct PriorityPagesTests {
    private static func hours(_ server: PageServer) async throws -> SupportHoursRecord {
        let zone = try #require(Zone("UTC"))
        return try await server.administration.supportHours.create(
            SupportHoursDraft(
                name: "Office & Co", hours: SupportHours(zone: zone, days: [.monday: .init(start: 540, end: 1020)])),
            by: server.caller)
    }

    private static let wizard = [
        ("type", "RAPIDSPIKE"), ("name", "Shop"), ("escalation", "new"), ("policyName", "Shop policy"),
        ("grouping", "none"), ("autoResolution", "0"), ("priority", "HIGH_DURING_SUPPORT_HOURS"),
    ]

    @Test func `given the wizard's last step, when priority, hours and templates are set, then the source has them`()
        async throws
    {
        let server = try await PageServer()
        let hours = try await Self.hours(server)
        try await server.browse { visitor in
            let step = try await visitor.signIn().get(
                "/alert-sources/new?step=settings&" + PageVisitor.encode(Self.wizard)
            ).text
            let without = try await visitor.post("/alert-sources", Self.wizard + [("supportHours", "")])
            let broken = try await visitor.post(
                "/alert-sources",
                Self.wizard + [("supportHours", "\(hours.id)"), ("summaryTemplate", "{{ open")])
            let made = try await visitor.post(
                "/alert-sources",
                Self.wizard + [
                    ("supportHours", "\(hours.id)"), ("autoRaise", "yes"),
                    ("summaryTemplate", "{{ event.summary.upperCase() }}"),
                ])
            let page = try await visitor.follow(made).text

            #expect(step.contains(">Office &amp; Co<") && step.contains("High during support hours"))
            #expect(without.status == .unprocessableContent && without.text.contains("Choose the support hours"))
            #expect(broken.status == .unprocessableContent && broken.text.contains("column"))
            #expect(broken.text.contains("value=\"{{ open\""))
            #expect(page.contains("High during support hours") && page.contains("Office &amp; Co"))
            let source = try #require(
                try await server.administration.sources.list(page: .init(limit: 9), by: server.caller).first)
            #expect(source.priorityRule == "HIGH_DURING_SUPPORT_HOURS" && source.rules.raisesWithSupportHours)
            #expect(source.supportHours?.id == hours.id.rawValue)
            #expect(source.fields["summaryTemplate"]?["textTemplate"]?.string == "{{ event.summary.upperCase() }}")
        }
    }

    @Test func `given a source, when its priority is edited, then hours are set, kept and taken away`() async throws {
        let server = try await PageServer()
        let hours = try await Self.hours(server)
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)"
            let fields = [("name", "Shop"), ("policy", "\(shop.policy)"), ("grouping", "none")]
            func save(_ more: [(String, String)]) async throws -> AlertSourceRecord {
                let answer = try await visitor.post(link, fields + more)
                #expect(answer.status == .seeOther, "\(answer.text.suffix(2000))")
                return try await server.administration.sources.find(shop.id, by: server.caller)
            }
            _ = try await visitor.signIn()

            let set = try await save([
                ("priority", "LOW_DURING_SUPPORT_HOURS"), ("supportHours", "\(hours.id)"), ("autoRaise", "yes"),
            ])
            let edit = try await visitor.get(link + "/edit").text
            let kept = try await save([("priority", "LOW")])
            let gone = try await save([("priority", "HIGH"), ("supportHours", "")])

            #expect(set.rules.priorityRule == .lowDuringSupportHours && set.rules.raisesWithSupportHours)
            #expect(edit.contains("<option value=\"\(hours.id)\" selected>"))
            #expect(edit.contains("name=\"autoRaise\" value=\"yes\" checked"))
            #expect(kept.supportHours?.id == hours.id.rawValue && !kept.rules.raisesWithSupportHours)
            #expect(gone.fields["supportHours"] == nil)
        }
    }

    @Test func `given hours that are written out in a source, when its form is saved, then they stay`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        let inline = try JSONValue.parse(
            #"{"timezone":"UTC","autoRaiseAlerts":true,"supportDays":{"MONDAY":{"start":"8:00","end":"17:00"}}}"#)
        var draft = AlertSourceDraft(shop)
        draft.fields = .object(["supportHours": inline])
        _ = try await server.administration.sources.update(shop.id, with: draft, by: server.caller)
        try await server.browse { visitor in
            let link = "/alert-sources/\(shop.id)"
            let edit = try await visitor.signIn().get(link + "/edit").text
            let fields = [
                ("name", "Shop"), ("policy", "\(shop.policy)"), ("grouping", "none"), ("supportHours", "inline"),
                ("priority", "HIGH_DURING_SUPPORT_HOURS"), ("autoRaise", "yes"),
            ]
            let saved = try await visitor.post(link, fields)

            #expect(edit.contains("Those written out by API") && saved.status == .seeOther)
            let source = try await server.administration.sources.find(shop.id, by: server.caller)
            #expect(source.fields["supportHours"] == inline)
            #expect(source.fields["autoRaiseAlerts"] == nil && source.rules.raisesWithSupportHours)
        }
    }
}
