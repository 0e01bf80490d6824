public import Alerting
public import Engine
import Foundation

/// Checks targets over the network, and never those that only we can reach unless the operator allows it.
public final class LiveProber: Prober {
    private let transfers = CurlTransfers()
    private let resolver = Resolver()
    /// For checks that wait in a call of the system's.
    private let threads = OperationQueue()
    private let userAgent: String
    private let allowsPrivateAddresses: Bool

    /// - Parameter version: ours, for the `User-Agent`.
    public init(version: String, allowsPrivateAddresses: Bool) {
        userAgent = "Nightbell-Monitor/\(version)"
        self.allowsPrivateAddresses = allowsPrivateAddresses
        threads.maxConcurrentOperationCount = 64
    }

    /// Ends what is under way and takes no more.
    public func close() {
        transfers.close()
    }

    public func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer {
        switch subject {
        case .http(let check): return await transfer(.http(check, userAgent: userAgent), within: limit)
        case .tcp(let host, let port):
            return await transfer(.connection(host: host, port: port, isEncrypted: false), within: limit)
        case .tls(let check):
            return await transfer(.connection(host: check.host, port: check.port, isEncrypted: true), within: limit)
        case .ping(let host):
            let start = ContinuousClock.now
            switch await address(of: host, within: limit) {
            case .success(let address):
                let lookUp = ContinuousClock.now - start
                var answer = await PingProbe.run(address, within: limit, on: threads)
                answer.phases.lookUp = lookUp
                return answer
            case .failure(let problem): return CheckAnswer(problem: problem, total: ContinuousClock.now - start)
            }
        case .dns(let check): return await ask(check, within: limit)
        }
    }

    private func transfer(_ check: CurlTransfer.Check, within limit: Duration) async -> CheckAnswer {
        let transfer = CurlTransfer(check, within: limit) { [allowsPrivateAddresses] address in
            AddressGuard.mayReach(address, allowsPrivateAddresses: allowsPrivateAddresses)
        }
        await transfers.run(transfer)
        return transfer.answer
    }

    private func ask(_ check: DNSCheck, within limit: Duration) async -> CheckAnswer {
        guard !check.server.isEmpty else {
            guard let server = DNSProbe.systemServer() else { return CheckAnswer(problem: .unreachable, total: .zero) }
            return await DNSProbe.run(check, server: server, within: limit, on: threads)
        }
        switch await address(of: check.server, within: limit) {
        case .success(let server): return await DNSProbe.run(check, server: server, within: limit, on: threads)
        case .failure(let problem): return CheckAnswer(problem: problem, total: .zero)
        }
    }

    private func address(
        of host: String, within limit: Duration
    ) async -> Result<IPAddress, CheckAnswer.Problem> {
        switch await resolver.addresses(of: host, within: limit) {
        case .success(let found):
            let isFine = found.allSatisfy {
                AddressGuard.mayReach($0, allowsPrivateAddresses: allowsPrivateAddresses)
            }
            guard isFine, let first = found.first else { return .failure(.addressRefused) }
            return .success(first)
        case .failure(.unknown): return .failure(.nameUnknown)
        case .failure(.timedOut), .failure(.busy): return .failure(.timedOut)
        }
    }
}

extension GuardedHTTPClient: WebhookCaller {
    public func call(_ call: WebhookCall) async -> WebhookAnswer {
        let request = GuardedRequest(
            method: call.method, url: call.url, headers: call.headers.map { ($0.name, $0.value) }, body: call.body)
        switch await send(request) {
        case .success(let answer):
            return .answered(status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        case .failure(let failure): return .failed(reason: failure.reason)
        }
    }
}
