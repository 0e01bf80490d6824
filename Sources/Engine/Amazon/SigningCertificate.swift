import Alerting
import Crypto
import CryptoExtras
import Foundation

/// The public key of an X.509 certificate, and when it may be used.
///
/// A walk over the DER that goes no further than the key: version, serial number, algorithm, issuer, validity, subject,
/// key (RFC 5280, 4.1). The chain is not checked here; what the certificate is trusted for is where it was fetched
/// from, see `AmazonGate`.
struct SigningCertificate: Sendable {
    private let key: _RSA.Signing.PublicKey
    let notBefore: Timestamp
    let notAfter: Timestamp

    /// - Parameter pem: the text of a file with one certificate in it; `nil` for anything else.
    init?(pem: String) {
        guard let begin = pem.range(of: "-----BEGIN CERTIFICATE-----"),
            let end = pem.range(of: "-----END CERTIFICATE-----", range: begin.upperBound..<pem.endIndex),
            let data = Data(
                base64Encoded: String(pem[begin.upperBound..<end.lowerBound]), options: .ignoreUnknownCharacters)
        else { return nil }
        self.init(der: [UInt8](data))
    }

    init?(der: [UInt8]) {
        var outer = DERReader(der[...])
        guard var certificate = outer.enter(0x30), var body = certificate.enter(0x30) else { return nil }
        _ = body.element(0xA0)
        guard body.element(0x02) != nil, body.element(0x30) != nil, body.element(0x30) != nil,
            var validity = body.enter(0x30), let notBefore = validity.time(), let notAfter = validity.time(),
            body.element(0x30) != nil, let keyInfo = body.element(0x30),
            let key = try? _RSA.Signing.PublicKey(derRepresentation: Data(keyInfo))  // No RSA key is no key.
        else { return nil }
        self.key = key
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// - Parameter version: SNS's `SignatureVersion`: "1" is SHA-1, "2" is SHA-256.
    func isValid(_ signature: [UInt8], of text: String, version: String) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: Data(signature))
        let data = Data(text.utf8)
        switch version {
        case "1":
            return key.isValidSignature(
                signature, for: Insecure.SHA1.hash(data: data), padding: .insecurePKCS1v1_5)
        case "2": return key.isValidSignature(signature, for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5)
        default: return false
        }
    }
}

/// Reads one DER element after the other; never beyond its bytes.
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next element with its head, when it has this tag.
    mutating func element(_ tag: UInt8) -> ArraySlice<UInt8>? {
        next(tag).map { $0.whole }
    }

    /// What is inside of the next element, when it has this tag.
    mutating func enter(_ tag: UInt8) -> DERReader? {
        next(tag).map { DERReader($0.content) }
    }

    /// A UTCTime or GeneralizedTime: `260101100000Z`, `20260101100000Z`.
    mutating func time() -> Timestamp? {
        guard let tag = rest.first, tag == 0x17 || tag == 0x18, let content = next(tag)?.content else { return nil }
        var digits = String(decoding: content, as: UTF8.self)
        if tag == 0x17 { digits = (digits.prefix(2) < "50" ? "20" : "19") + digits }
        guard digits.count == 15, digits.hasSuffix("Z") else { return nil }
        let d = Array(digits)
        return Timestamp(
            iso8601: "\(String(d[0..<4]))-\(String(d[4..<6]))-\(String(d[6..<8]))T"
                + "\(String(d[8..<10])):\(String(d[10..<12])):\(String(d[12..<14]))Z")
    }

    private mutating func next(_ tag: UInt8) -> (whole: ArraySlice<UInt8>, content: ArraySlice<UInt8>)? {
        guard rest.first == tag, rest.count >= 2 else { return nil }
        let first = rest[rest.startIndex + 1]
        var start = rest.startIndex + 2
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.endIndex - start >= count else { return nil }
            length = rest[start..<(start + count)].reduce(0) { $0 << 8 | Int($1) }
            start += count
        }
        guard rest.endIndex - start >= length else { return nil }
        let whole = rest[rest.startIndex..<(start + length)]
        let content = rest[start..<(start + length)]
        rest = rest[(start + length)...]
        return (whole, content)
    }
}
