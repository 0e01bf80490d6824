import TestSupport
import Testing

/// Stands between a server and its syncs, loaded before the C library.
struct SyncLibrary {
    /// For the server.
    var environment: [String: String] { ["LD_PRELOAD": folder.path + "/sync.so"] }
    private let folder = TemporaryFolder()

    private static let frame = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <string.h>
        #include <unistd.h>
        typedef int (*Sync)(int);
        static int ends(const char *path, const char *end) {
            size_t length = strlen(path);
            return length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
        }
        BODY
        static int found(int fd, const char *name) {
            char link[64], path[3000];
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            ssize_t length = readlink(link, path, sizeof path - 1);
            path[length < 0 ? 0 : length] = 0;
            return synced(fd, path, (Sync)dlsym(RTLD_NEXT, name));
        }
        int fsync(int fd) { return found(fd, "fsync"); }
        int fdatasync(int fd) { return found(fd, "fdatasync"); }
        """

    private init(_ body: String) async throws {
        try folder.write(Self.frame.replacing("BODY", with: body), to: "sync.c")
        let made = try await ChildProcess.run(
            "/usr/bin/env",
            ["cc", "-shared", "-fPIC", "-o", folder.path + "/sync.so", folder.path + "/sync.c", "-ldl", "-lpthread"])
        try #require(made.exit == .status(0), "\(made.error)")
    }

    /// Every sync takes longer.
    static func slow(milliseconds: Int) async throws -> SyncLibrary {
        try await SyncLibrary(
            """
            static int synced(int fd, const char *path, Sync real) {
                usleep(1000 * \(milliseconds));
                return real(fd);
            }
            """)
    }

    /// The write-ahead log cannot be synced while the file is there.
    static func failing(while file: String) async throws -> SyncLibrary {
        try await SyncLibrary(
            """
            static int synced(int fd, const char *path, Sync real) {
                if (ends(path, "-wal") && access("\(file)", F_OK) == 0) { errno = EIO; return -1; }
                return real(fd);
            }
            """)
    }

    /// What the disk has after a power cut: of the database and its log only what was there when a sync began that came
    /// to its end, as a copy with `.synced` behind its name.
    static func keeping() async throws -> SyncLibrary {
        try await SyncLibrary(
            """
            static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
            static void copy(const char *from, const char *to) {
                char bytes[65536];
                ssize_t count;
                int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0600);
                while ((count = read(in, bytes, sizeof bytes)) > 0) if (write(out, bytes, count) != count) break;
                close(in);
                close(out);
            }
            static int synced(int fd, const char *path, Sync real) {
                char begun[3010], kept[3010];
                if (!ends(path, ".db") && !ends(path, "-wal")) return real(fd);
                snprintf(begun, sizeof begun, "%s.begun", path);
                snprintf(kept, sizeof kept, "%s.synced", path);
                pthread_mutex_lock(&lock);
                copy(path, begun);
                int result = real(fd);
                if (result == 0) rename(begun, kept);
                pthread_mutex_unlock(&lock);
                return result;
            }
            """)
    }
}
