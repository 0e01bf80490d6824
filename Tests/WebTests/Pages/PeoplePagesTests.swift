import Alerting
import Engine
import Foundation
import HTTPTypes
import Storage
import Testing

@testable import Web

struct PeoplePagesTests {
    @Test func `given the form of a policy, when its buttons are pressed, then levels and people move without scripts`()
    {
        let (alice, bob): (User.ID, User.ID) = (.init(1), .init(2))
        var form = PolicyForm(for: alice)

        form.press("level")
        form.levels[1].targets = [.user(bob)]
        form.press("up-1")
        #expect(form.levels.map(\.targets) == [[.user(bob)], [.user(alice)]])
        form.press("down-0")
        form.press("remove-0-user:1")
        #expect(form.levels.map(\.targets) == [[], [.user(bob)]])
        form.press("drop-0")
        #expect(form.levels.map(\.targets) == [[.user(bob)]])
        for button in ["drop-0", "up-0", "down-9", "remove-7-user:1", "", "-", "up-x"] { form.press(button) }
        #expect(form.levels.count == 1)
    }

    @Test func `given a new policy, when levels are added and saved, then they are kept as typed`() async throws {
        let server = try await PageServer()
        let bob = try await server.addUser("Bob", role: .responder)
        try await server.browse { visitor in
            var fields = [
                ("name", "Shop nights"), ("delay", "2"), ("repeats", "3"), ("levels", "1"),
                ("target-0", "user:\(server.alice.id)"), ("timeout-0", "5"), ("do", "level"),
            ]
            let added = try await visitor.signIn().post("/escalation-policies", fields)
            fields[3].1 = "2"
            fields[6].1 = "save"
            let empty = try await visitor.post("/escalation-policies", fields + [("timeout-1", "10")])
            let second = [("add-1", "user:\(bob.id)"), ("timeout-1", "10")]
            let saved = try await visitor.post("/escalation-policies", fields + second)
            let page = try await visitor.follow(saved).text

            #expect(added.status == .ok && added.text.contains("<h3>Level 2</h3>"))
            #expect(empty.status == .unprocessableContent && empty.text.contains("Level 2: choose at least one person"))
            #expect(page.contains("Bob Baker") && page.contains("10 minutes to accept") && page.contains("3 times"))
        }
    }

    @Test func `given a policy in use, when it is deleted, then the page says by whom it is used`() async throws {
        let server = try await PageServer()
        let shop = try await server.addShop()
        try await server.browse { visitor in
            let link = "/escalation-policies/\(shop.policy)/deletion"
            let answer = try await visitor.signIn().post(link, [("name", "Shop policy")])

            #expect(answer.status == .conflict)
            #expect(answer.text.contains("Shop"))
        }
    }

    @Test func `given an administrator, when a user is added, then they can sign in and are paged by email`()
        async throws
    {
        let server = try await PageServer()
        try await server.browse { visitor in
            let fields = [
                ("firstName", "Bob"), ("lastName", "Baker"), ("email", "bob@example.com"), ("role", "responder"),
                ("timeZone", "Europe/Berlin"), ("password", PageServer.password),
            ]
            let page = try await visitor.follow(try await visitor.signIn().post("/users", fields))
            let twice = try await visitor.post("/users", fields)
            let bob = try await visitor.another().signIn("bob@example.com")

            #expect(page.text.contains("Bob Baker was added."))
            #expect(twice.status == .conflict && twice.text.contains("value=\"Baker\""))
            #expect(try await bob.get("/alerts").status == .ok)
            #expect(try await bob.get("/users/new").status == .forbidden)
            #expect(try await bob.post("/users/\(server.alice.id)", fields).status == .forbidden)
        }
    }

    @Test func `given a person, when contacts and notifications are changed, then the page shows them`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let link = "/users/\(server.alice.id)"
            let added = try await visitor.follow(
                try await visitor.signIn().post(
                    link + "/contacts", [("kind", "email"), ("target", "night@example.com")]))
            let wrong = try await visitor.follow(
                try await visitor.post(link + "/contacts", [("kind", "phone"), ("target", "12")]))
            let contacts = try await server.administration.contacts.list(of: server.alice.id, by: server.caller)
            let night = try #require(contacts.first { $0.target == "night@example.com" })
            let notified = try await visitor.follow(
                try await visitor.post(
                    link + "/preferences",
                    [("kind", "HIGH_PRIORITY"), ("way", "email:\(night.id)"), ("delay", "5")]))
            let muted = try await visitor.follow(try await visitor.post(link + "/quiet-time", [("minutes", "60")]))
            let removed = try await visitor.follow(
                try await visitor.post(link + "/contacts/\(night.id)/deletion", [("kind", "email")]))

            #expect(added.text.contains("night@example.com"))
            #expect(wrong.text.contains("notice-problem"))
            #expect(notified.text.contains("Email to night@example.com</strong> after 5 min"))
            #expect(muted.text.contains("Nothing is sent until <time"))
            #expect(!removed.text.contains("night@example.com"))
        }
    }

    @Test func `given a new API key, then it is shown once`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let made = try await visitor.signIn().post("/profile/api-keys", [("name", "Terraform")]).text
            let key = try #require(made.firstMatch(of: /nbk_[0-9A-Za-z]{40}/)).output
            let later = try await visitor.get("/profile/security").text

            #expect(later.contains("Terraform") && !later.contains(key))
            #expect(try await server.administration.apiKeys.authenticate(String(key)).user == server.alice.id)
        }
    }

    @Test func `given two browsers, when the password is changed, then the other one is signed out`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            try await visitor.signIn()
            let other = try await visitor.another().signIn()
            let new = "another long pass phrase"
            let wrong = try await visitor.post(
                "/profile/password", [("currentPassword", "wrong"), ("newPassword", new)])
            let right = try await visitor.post(
                "/profile/password", [("currentPassword", PageServer.password), ("newPassword", new)])

            #expect(wrong.status == .unprocessableContent && wrong.text.contains("Current password: is wrong."))
            #expect(right.status == .seeOther)
            #expect(try await visitor.get("/alerts").status == .ok)
            #expect(try await other.get("/alerts").status == .seeOther)
        }
    }

    @Test func `given last-resort addresses, when one is wrong, then the account stays as it was`() async throws {
        let server = try await PageServer()
        try await server.browse { visitor in
            let fields = [("name", "Example Ltd")]
            let wrong = try await visitor.signIn().post(
                "/account", fields + [("lastResortEmails", "a@b.example\nnobody")])
            let right = try await visitor.post(
                "/account", fields + [("lastResortEmails", "a@b.example\r\nc@d.example")])
            let account = try await server.administration.account.find(by: server.caller)

            #expect(wrong.status == .unprocessableContent && wrong.text.contains("nobody"))
            #expect(right.status == .seeOther)
            #expect(account.lastResortEmails == ["a@b.example", "c@d.example"])
            #expect(try await visitor.get("/audit-log").text.contains("account updated"))
        }
    }
}
