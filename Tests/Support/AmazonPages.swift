public import Engine
import Foundation
import Synchronization

/// Amazon's side of SNS: messages that were signed by `openssl` as Amazon's documentation says, the certificates they
/// were signed with (`leaf.pem` is signed by `root.pem`), and a note of what is fetched.
public final class AmazonPages: Fetcher {
    private let answers = Mutex<[String: FetchedPage]>([:])
    private let asked = Mutex<[String]>([])

    /// Serves the certificates and takes confirmations.
    public init() {
        for name in ["leaf", "expired", "ec", "root"] {
            set(Self.address(of: name), to: FetchedPage(status: 200, body: Self.bytes("\(name).pem")))
        }
        set(Self.subscription, to: FetchedPage(status: 200, body: Array("<ConfirmSubscriptionResponse/>".utf8)))
    }

    /// What `subscription.json` asks for.
    public static let subscription =
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
        + "&TopicArn=arn:aws:sns:eu-west-1:000000000000:example-topic&Token=example-token"

    /// Every address that was fetched, in their order.
    public var fetched: [String] { asked.withLock { $0 } }

    public static func address(of certificate: String) -> String {
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-\(certificate).pem"
    }

    /// A file of `Tests/Support/amazon`; empty when there is none.
    public static func bytes(_ name: String) -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "amazon")
        return [UInt8](FileManager.default.contents(atPath: folder.appending(path: name).path) ?? Data())
    }

    /// - Parameter page: `nil`: nothing can be fetched there.
    public func set(_ address: String, to page: FetchedPage?) {
        answers.withLock { $0[address] = page }
    }

    public func fetch(_ url: String) async -> FetchedPage? {
        asked.withLock { $0.append(url) }
        return answers.withLock { $0[url] }
    }
}
