import Alerting
import Crypto
import Engine
import Foundation
import Testing

struct WebPushTests {
    private func subscription() throws -> PushSubscription {
        try PushSubscription(
            endpoint: "https://push.example.net:8443/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
            publicKey: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            authSecret: "BTBZMqHH6r4Tts7J_aSIgg")
    }

    private func key() throws -> P256.KeyAgreement.PrivateKey {
        try P256.KeyAgreement.PrivateKey(
            rawRepresentation: #require(Base64URL.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")))
    }

    @Test func `given the example of RFC 8291, when it is encrypted, then it is the same to the byte`() throws {
        let salt = [UInt8](try #require(Base64URL.decode("DGv6ra1nlYgDCS1FRnbzlw")))
        let text = "When I grow up, I want to be a watermelon"

        let sealed = try WebPushEncryption.encrypt(Array(text.utf8), for: subscription(), salt: salt, with: key())

        let expected = """
            DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PB\
            ru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN
            """
        #expect(Base64URL.encode(Data(sealed)) == expected)
    }

    @Test func `given a message of the longest size, then it is one record of 4096, and a longer one is refused`()
        throws
    {
        let longest = [UInt8](repeating: 120, count: WebPushEncryption.limit)
        #expect(try WebPushEncryption.encrypt(longest, for: subscription()).count == 4096)
        #expect(throws: Failure.self) { try WebPushEncryption.encrypt(longest + [1], for: subscription()) }
        let once = try WebPushEncryption.encrypt([1], for: subscription())
        #expect(try WebPushEncryption.encrypt([1], for: subscription()) != once)
    }

    @Test func `given a push service, then it is told who sends, signed, for its origin and for half a day`() throws {
        let signing = P256.Signing.PrivateKey()
        let vapid = try VAPIDKey(rawRepresentation: signing.rawRepresentation, contact: "mailto:ops@example.com")
        let now = Timestamp(milliseconds: 1_767_225_600_000)

        let header = try vapid.authorization(for: subscription().endpoint, at: now)

        let token = header.dropFirst("vapid t=".count).prefix { $0 != "," }
        let parts = token.split(separator: ".").map(String.init)
        let claims = try JSONValue.parse([UInt8](#require(Base64URL.decode(parts[1]))))
        #expect(claims["aud"]?.string == "https://push.example.net:8443")
        #expect(claims["exp"]?.integer == Int64(1_767_225_600 + 12 * 3600))
        #expect(claims["sub"]?.string == "mailto:ops@example.com")
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: #require(Base64URL.decode(parts[2])))
        #expect(signing.publicKey.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)))
        #expect(header.hasSuffix("k=\(vapid.publicKey)"))
    }

    @Test(arguments: [
        ("ftp://push.example", "BCVx", "BTBZ"), ("https://push.example", "", ""),
        ("https://push.example", "BTBZMqHH6r4Tts7J_aSIgg", "BTBZMqHH6r4Tts7J_aSIgg"), ("", "?", "!"),
    ])
    func `given what is no subscription, then it is refused`(endpoint: String, key: String, secret: String) {
        #expect(throws: Failure.self) { try PushSubscription(endpoint: endpoint, publicKey: key, authSecret: secret) }
    }

    @Test func `given Twilio's library, then our signature is its own`() {
        // Computed by twilio-python 9.13.0, RequestValidator("12345").compute_signature.
        let signature = TwilioSignature(authToken: "12345")
        let url = "https://nightbell.example/twilio/messages?x=1"
        let fields = [("From", "+491701234567"), ("Body", "1a & ü"), ("To", "+4930123456")]
        let given = fields.map { (name: $0.0, value: $0.1) }

        #expect(signature.of(url: url, fields: given) == "LvKxlN37QvJwg8HGy0VLoKgQFww=")
        #expect(signature.isRight("LvKxlN37QvJwg8HGy0VLoKgQFww=", url: url, fields: given.reversed()))
        #expect(!signature.isRight("LvKxlN37QvJwg8HGy0VLoKgQFww=", url: url + "2", fields: given))
        #expect(!signature.isRight("", url: url, fields: given))
    }
}
