import Foundation
import TestSupport
import Testing

/// From the QR code on a person's profile to the first push message on their phone, in two real browsers.
@Suite(.serialized, .timeLimit(.minutes(3))) struct PhoneSetUpTests {
    /// What the screen and the phone showed.
    private struct Seen: Decodable {
        struct Notification: Decodable {
            var title: String
            var body: String
        }

        var link: String
        var taps: [String]
        /// From the profile on, as fast as a machine taps.
        var seconds: Double
        var heading: String
        var isSignedIn: Bool
        var install: String
        var fits: Bool
        var start: String
        var buttonHeight: Double
        var said: String
        var shown: Notification
        var isVisibleOnly: Bool
        var keyLength: Int
        var authorization: String
        var encoding: String
    }

    /// What a person needs for a tap, the camera and the reading that goes with it.
    private static let secondsOfTap = 8.0

    @Test func `given the QR code on a profile, when a phone opens it, then four taps later its first push is shown`()
        async throws
    {
        let server = try await RunningServer.start(environment: ["NIGHTBELL_ALLOW_PRIVATE_ADDRESSES": "true"])
        let person = [
            "email": RunningServer.email, "password": RunningServer.password,
            "screenTaps": #"["Set up your phone"]"#,
        ]
        let result = try await ChildProcess.run(
            TestTools.python(), [TestTools.script("set_up_phone.py"), server.url, "/usr/bin/chromium"],
            input: JSONSerialization.data(withJSONObject: person))
        let line = try #require(result.output.first, "\(result.error)")
        let seen = try JSONDecoder().decode(Seen.self, from: Data(line.utf8))

        #expect(seen.link.hasPrefix(server.url + "/push/"))
        #expect(!seen.isSignedIn && seen.heading == "Page Alice Archer here")
        #expect(seen.fits && seen.buttonHeight >= 44 && seen.install.contains("home screen"))
        // What is put on the home screen opens here again, with the link that says who it is.
        #expect(server.url + seen.start == seen.link + "?from=home")
        #expect(seen.said.hasPrefix("Done") && seen.shown.title == "Nightbell test")
        #expect(seen.shown.body.contains("paged from now on"))
        #expect(seen.isVisibleOnly && seen.keyLength == 65)
        #expect(seen.authorization == "vapid" && seen.encoding == "aes128gcm")
        #expect(seen.taps.count == 4)
        let person60 = seen.seconds + Double(seen.taps.count) * Self.secondsOfTap
        #expect(person60 < 60)
        print(
            "A phone was set up by \(seen.taps.count) taps in \(seen.seconds) s, some \(Int(person60)) s for a person")
    }
}
