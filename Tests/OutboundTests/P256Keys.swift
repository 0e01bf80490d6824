import Crypto
import Engine
import Foundation

/// A browser's keys, in the forms in which others want them.
struct P256Keys {
    private let agreement = P256.KeyAgreement.PrivateKey()
    let signing = P256.Signing.PrivateKey().rawRepresentation
    let secret = Base64URL.encode(Data((0..<16).map { _ in UInt8.random(in: 0...255) }))

    var publicKey: String { Base64URL.encode(agreement.publicKey.x963Representation) }
    var privateKey: String { Base64URL.encode(agreement.rawRepresentation) }
}
