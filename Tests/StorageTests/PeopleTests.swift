import Alerting
import Simulation
import Storage
import Testing

struct PeopleTests {
    private let world: StorageWorld
    private let alice = SimulatedCast.alice

    init() throws {
        world = try StorageWorld()
    }

    @Test func `given a user, when every field is changed, then it reads back`() throws {
        let changed = try world.write { [world, alice] transaction in
            guard var user = try Users.find(alice.user, in: transaction) else { return [UserRecord?]() }
            user.email = "Alice.New@Example.com"
            user.username = "alice2"
            user.firstName = "Alicia"
            user.lastName = ""
            user.role = .stakeholder
            user.timeZone = "America/New_York"
            user.language = "de"
            user.region = "US"
            user.position = "Lead"
            user.department = "Web"
            user.shiftColor = "#fff"
            user.mutedUntil = world.now
            user.passwordHash = "hash"
            user.updatedAt = world.now + .seconds(1)
            try Users.update(user, in: transaction)
            return [
                user, try Users.find(alice.user, in: transaction),
                try Users.find(email: "ALICE.NEW@example.com", in: transaction),
                try Users.find(username: "alice2", account: SimulatedCast.account, in: transaction),
            ]
        }

        #expect(changed.count == 4)
        #expect(changed.dropFirst().allSatisfy { $0 == changed[0] })
        #expect(changed[0]?.fullName == "Alicia")
    }

    @Test func `given an email address in another case, or a username, that is taken, then it is refused`() throws {
        func insert(_ email: String, _ username: String, id: Int64) throws {
            try world.write { [world] transaction in
                try Users.insert(
                    UserRecord(
                        id: .init(id), account: SimulatedCast.account, email: email, username: username,
                        firstName: "D", lastName: "E", role: .user, createdAt: world.now, updatedAt: world.now),
                    in: transaction)
            }
        }

        #expect(throws: StorageError.self) { try insert("ALICE@example.com", "dave", id: 9) }
        #expect(throws: StorageError.self) { try insert("dave@example.com", "alice", id: 9) }
        try insert("dave@example.com", "dave", id: 9)
        #expect(try world.write { try Users.count(in: $0) } == 4)
    }

    @Test func `given people, then they come by name, and names are found by id`() throws {
        let (list, names) = try world.write { transaction in
            (
                try Users.list(account: SimulatedCast.account, page: Page(offset: 1, limit: 2), in: transaction),
                try Users.names(of: [.init(1), .init(3), .init(99)], in: transaction)
            )
        }

        #expect(list.map(\.firstName) == ["Bob", "Carol"])
        #expect(names == [.init(1): "Alice Example", .init(3): "Carol Example"])
        #expect(try world.write { try Users.names(of: [], in: $0) } == [:])
    }

    @Test func `given a person with contacts and rules, when they are read for paging, then both are there`() throws {
        try world.write { [world, alice] transaction in
            try Contacts.insert(
                ContactRecord(
                    id: .init(50), user: alice.user, kind: .phone, target: "+491", regionCode: "DE", verifiedAt: nil,
                    createdAt: world.now), in: transaction)
            for (id, area, contact, kind) in [
                (1, PreferenceRecord.Area.alerts, alice.emailContact as Contact.ID?, "HIGH_PRIORITY"),
                (2, .alerts, alice.phoneContact, "LOW_PRIORITY"), (3, .duties, alice.phoneContact, "ON_CALL"),
                (4, .alerts, nil, "HIGH_PRIORITY"),
            ] as [(Int64, PreferenceRecord.Area, Contact.ID?, String)] {
                try Preferences.insert(
                    PreferenceRecord(
                        id: .init(id), user: alice.user, area: area, channel: id == 1 ? .email : .sms,
                        contact: contact, delayMinutes: 5, kind: kind), in: transaction)
            }
        }

        let found = try world.write { [alice] in try Responders.find(alice.user, in: $0) }
        let responder = try #require(found)

        #expect(responder.contacts.map(\.target) == [alice.email, alice.phone, "+491"])
        #expect(responder.contacts.map(\.isVerified) == [true, true, false])
        #expect(
            responder.contacts.map(\.channels) == [[.email], [.sms, .voice, .whatsapp], [.sms, .voice, .whatsapp]])
        #expect(
            responder.rules == [
                NotificationRule(
                    priority: .high, channel: .email, contact: alice.emailContact, delay: .minutes(5)),
                NotificationRule(priority: .low, channel: .sms, contact: alice.phoneContact, delay: .minutes(5)),
            ])
        #expect(try world.write { try Responders.find(.init(99), in: $0) } == nil)
    }

    @Test func `given a contact, when it is removed, then its rules go with it, and a user takes all along`() throws {
        let counts = try world.write { [alice] transaction in
            for id in 1...2 as ClosedRange<Int64> {
                try Preferences.insert(
                    PreferenceRecord(
                        id: .init(id), user: alice.user, area: .alerts, channel: .email,
                        contact: id == 1 ? alice.emailContact : alice.phoneContact, delayMinutes: 0,
                        kind: "HIGH_PRIORITY"), in: transaction)
            }
            try Contacts.delete(alice.emailContact, in: transaction)
            let left = try Preferences.list(of: alice.user, in: transaction).map(\.id.rawValue)
            try Users.delete(alice.user, in: transaction)
            return [
                left.count, try Contacts.list(of: alice.user, in: transaction).count,
                try Preferences.list(of: alice.user, in: transaction).count,
            ]
        }

        #expect(counts == [1, 0, 0])
    }

    @Test func `given one target twice for a person, then it is refused, and another person may have it`() throws {
        func insert(_ id: Int64, _ person: SimulatedCast.Person) throws {
            try world.write { [world, alice] transaction in
                try Contacts.insert(
                    ContactRecord(
                        id: .init(id), user: person.user, kind: .email, target: alice.email, verifiedAt: nil,
                        createdAt: world.now), in: transaction)
            }
        }

        #expect(throws: StorageError.self) { try insert(50, alice) }
        try insert(51, SimulatedCast.bob)
    }

    @Test func `given a team, when its members change, then only the new ones are in it`() throws {
        let members = try world.write { [world] transaction in
            var team = TeamRecord(
                id: .init(1), account: SimulatedCast.account, name: "Web", visibility: .closed,
                members: [.init(user: .init(1), role: .admin), .init(user: .init(2), role: .responder)],
                createdAt: world.now, updatedAt: world.now)
            try Teams.insert(team, in: transaction)
            let read = try Teams.find(name: "Web", scope: .carol, in: transaction)
            #expect(read == team)
            team.members = [.init(user: .init(3), role: .responder)]
            team.name = "Net"
            try Teams.update(team, in: transaction)
            #expect(try Teams.find(.init(1), scope: .carol, in: transaction) == team)
            let names = try Teams.names(of: [.init(1), .init(9)], account: SimulatedCast.account, in: transaction)
            #expect(names.map(\.name) == ["Net"])
            return try Teams.members(of: .init(1), in: transaction)
        }

        #expect(members == [.init(3)])
    }

    @Test func `given a session, then it is found until it expires, and pruned then`() throws {
        let session = SessionRecord(
            tokenHash: "hash", user: alice.user, csrfToken: "csrf", createdAt: world.now, lastSeenAt: world.now,
            expiresAt: world.now + .hours(1))
        var other = session
        other.tokenHash = "other"
        let second = other

        try world.write { [world, alice] transaction in
            try Sessions.insert(session, in: transaction)
            try Sessions.insert(second, in: transaction)
            let border = world.now + .hours(1)
            #expect(
                try Sessions.find(tokenHash: "hash", at: border - .milliseconds(1), in: transaction) == session)
            #expect(try Sessions.find(tokenHash: "hash", at: border, in: transaction) == nil)
            try Sessions.deleteAll(of: alice.user, except: "hash", in: transaction)
            #expect(try Sessions.find(tokenHash: "other", at: world.now, in: transaction) == nil)
            try Sessions.prune(before: border - .milliseconds(1), in: transaction)
            #expect(try Sessions.find(tokenHash: "hash", at: world.now, in: transaction) != nil)
            try Sessions.prune(before: border, in: transaction)
            #expect(try Sessions.find(tokenHash: "hash", at: world.now, in: transaction) == nil)
        }
    }

    @Test func `given an API key, then only its owner may delete it`() throws {
        let key = APIKeyRecord(
            id: .init(1), user: alice.user, name: "CI", prefix: "nb1a123", hash: "hash", createdAt: world.now)

        try world.write { [world, alice] transaction in
            try APIKeys.insert(key, in: transaction)
            #expect(try APIKeys.find(prefix: "nb1a123", in: transaction) == key)
            try APIKeys.touch(key.id, at: world.now, in: transaction)
            try APIKeys.delete(key.id, of: SimulatedCast.bob.user, in: transaction)
            #expect(try APIKeys.list(of: alice.user, in: transaction).map(\.lastUsedAt) == [world.now])
            try APIKeys.delete(key.id, of: alice.user, in: transaction)
            #expect(try APIKeys.find(prefix: "nb1a123", in: transaction) == nil)
        }
    }
}
