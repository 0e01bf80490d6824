import Alerting
import CCurl
import Foundation
import Synchronization

/// Runs many checks at a time on one thread, by libcurl: connections, encryption and HTTP with the time of each part.
final class CurlTransfers: Sendable {
    private struct State {
        var waiting: [CurlTransfer] = []
        var isClosed = false
        var hasThread = false
    }

    /// Not safe by itself: used by the thread alone, but for `curl_multi_wakeup`, which may be called from anywhere.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?
    private let state = Mutex(State())

    init() {
        multi = CurlTransfer.isReady ? curl_multi_init() : nil
    }

    /// Ends what is under way and takes no more.
    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    /// Returns when the transfer is over.
    func run(_ transfer: CurlTransfer) async {
        guard multi != nil else { return }
        await withCheckedContinuation { continuation in
            transfer.onEnd = { continuation.resume() }
            let (isTaken, mustStart) = state.withLock { state in
                guard !state.isClosed else { return (false, false) }
                state.waiting.append(transfer)
                defer { state.hasThread = true }
                return (true, !state.hasThread)
            }
            guard isTaken else { return transfer.end() }
            if mustStart {
                let thread = Thread { self.work() }
                thread.name = "nightbell.probes"
                thread.start()
            }
            wake()
        }
    }

    private func wake() {
        if let multi { curl_multi_wakeup(multi) }
    }

    private func work() {
        guard let multi else { return }
        var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
        while true {
            let (new, isClosed) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isClosed)
            }
            for transfer in new {
                guard let handle = transfer.prepare(), curl_multi_add_handle(multi, handle) == CURLM_OK else {
                    transfer.end()
                    continue
                }
                running[handle] = transfer
            }
            if isClosed {
                for (handle, transfer) in running {
                    curl_multi_remove_handle(multi, handle)
                    transfer.end()
                }
                curl_multi_cleanup(multi)
                return
            }
            var count: Int32 = 0
            curl_multi_perform(multi, &count)
            var result = CURLE_OK
            while let handle = ccurl_next_done(multi, &result) {
                curl_multi_remove_handle(multi, handle)
                let transfer = running.removeValue(forKey: handle)
                transfer?.finish(result)
                transfer?.end()
            }
            // Woken by whoever brings work.
            if state.withLock({ $0.waiting.isEmpty }) { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
    }
}
