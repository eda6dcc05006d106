import Glibc
import LinuxSystem
import Testing

@Suite(.timeLimit(.minutes(1))) struct FileTests {
    let scratch = Scratch()

    // MARK: Locks

    @Test func aLockKeepsAnotherProcessOut() async throws {
        let path = scratch.file("lock")
        let python = try shell(
            """
            exec python3 -c '
            import fcntl, os, struct, time
            f = os.open("\(path)", os.O_RDWR | os.O_CREAT)
            fcntl.fcntl(f, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
            os.write(f, str(os.getpid()).encode())
            time.sleep(60)'
            """)
        defer { python.signal(SIGKILL) }
        try await eventually("it is held") { !scratch.text("lock").isEmpty }
        let error = #expect(throws: SystemError.self) { try LockFile.acquire(path) }
        #expect(error?.code == EAGAIN)
        #expect(error?.description.contains("process \(python.pid)") == true, "\(error?.description ?? "")")
        python.signal(SIGKILL)
        _ = await python.waitForExit(timeout: .seconds(10))
        // It has gone with its holder.
        let lock = try LockFile.acquire(path)
        #expect(scratch.text("lock") == "\(getpid())")
        withExtendedLifetime(lock) {}
    }

    @Test func aLockIsHeldOnceAndUntilItGoes() async throws {
        let path = scratch.file("lock")
        var lock: LockFile? = try LockFile.acquire(path)
        #expect(lock?.path == path)
        // Also within one process.
        #expect(throws: SystemError.self) { try LockFile.acquire(path) }
        lock = nil
        try await eventually("the lock is free") { (try? LockFile.acquire(path)) != nil }
        #expect(Files.exists(path))
    }

    @Test func aChildDoesNotInheritALock() async throws {
        let path = scratch.file("lock")
        var lock: LockFile? = try LockFile.acquire(path)
        let child = try shell("exec sleep 60")
        defer { child.signal(SIGKILL) }
        withExtendedLifetime(lock) {}
        lock = nil
        // Children that other tests make hold everything from their fork to their exec, for a moment.
        try await eventually("the lock is free") { (try? LockFile.acquire(path)) != nil }
    }

    // MARK: Files

    @Test func writesAtomicallyWithTheModeAsked() throws {
        let path = scratch.file("file")
        let old = umask(0o077)
        defer { umask(old) }
        try Files.writeAtomically(path, Array("one".utf8), mode: 0o644)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o644)
        let inode = status.st_ino
        // Who has it open goes on reading the old one.
        let reader = open(path, O_RDONLY)
        defer { close(reader) }
        try Files.writeAtomically(path, Array("other".utf8))
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(read(reader, &buffer, 10) == 3)
        #expect(scratch.text("file") == "other")
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_ino != inode)
        #expect(try Files.list(scratch.path) == ["file"])
    }

    @Test func aFailedWriteLeavesTheOldFileAndNoOther() throws {
        let path = scratch.file("folder")
        try Files.ensureDirectory(path)
        let error = #expect(throws: SystemError.self) { try Files.writeAtomically(path, [1]) }
        #expect(error?.path == path)
        #expect(try Files.list(scratch.path) == ["folder"])
        #expect(throws: SystemError.self) { try Files.writeAtomically(scratch.file("none/file"), [1]) }
    }

    /// Readers see whole files only, whatever the writers do.
    @Test func readersNeverSeeAPart() async throws {
        let path = scratch.file("file")
        try Files.writeAtomically(path, [UInt8](repeating: 0, count: 100_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in UInt8(1)...2 {
                group.addTask {
                    for _ in 0..<15 { try Files.writeAtomically(path, [UInt8](repeating: writer, count: 100_000)) }
                }
            }
            group.addTask {
                for _ in 0..<100 {
                    let bytes = try Files.read(path)
                    #expect(bytes.count == 100_000 && Set(bytes).count == 1)
                }
            }
            try await group.waitForAll()
        }
        #expect(try Files.list(scratch.path) == ["file"])
    }

    @Test func readsNoMoreThanIsExpected() throws {
        let path = scratch.file("file")
        try Files.writeAtomically(path, [UInt8](repeating: 1, count: 1000))
        #expect(try Files.read(path, limit: 1000).count == 1000)
        let error = #expect(throws: SystemError.self) { try Files.read(path, limit: 999) }
        #expect(error?.code == EFBIG)
        #expect(throws: SystemError.self) { try Files.read(scratch.path) }
        let absent = #expect(throws: SystemError.self) { try Files.read(scratch.file("none")) }
        #expect(absent?.code == ENOENT)
    }

    @Test func makesDirectoriesAndRemovesFiles() throws {
        let path = scratch.file("a/b/c")
        try Files.ensureDirectory(path, mode: 0o750)
        try Files.ensureDirectory(path)
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o750)
        let file = scratch.file("file")
        try Files.writeAtomically(file, [])
        let error = #expect(throws: SystemError.self) { try Files.ensureDirectory(file) }
        #expect(error?.code == ENOTDIR)
        try Files.remove(file)
        try Files.remove(file)
        #expect(!Files.exists(file))
        #expect(try Files.list(scratch.file("none")).isEmpty)
        #expect(throws: SystemError.self) { try Files.remove(scratch.file("a")) }
    }

    @Test func whatAWriterThatIsGoneLeftIsRemoved() throws {
        // No process has a number so high; the first one lives as long as the machine.
        let left = ["intents.json.99999999-4.tmp", "intents.json.\(getpid())-5.tmp"]
        let others = ["intents.json.1-6.tmp", "intents.json", "99999999-4.tmp", "notes.tmp", "x.99999999-4.tmp.kept"]
        for name in left + others { try Files.writeAtomically(scratch.file(name), []) }
        Files.removeUnfinished(in: scratch.path)
        #expect(try Files.list(scratch.path) == others.sorted())
        Files.removeUnfinished(in: scratch.file("none"))
    }

    @Test func aDescriptorIsClosedUnlessItIsTaken() throws {
        let path = scratch.file("file")
        try Files.writeAtomically(path, [1])
        let number: Int32
        do {
            let owner = try FileDescriptorOwner.open(path, O_RDONLY)
            number = owner.descriptor
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        }
        let taken = try FileDescriptorOwner.open(path, O_RDONLY).take()
        defer { close(taken) }
        #expect(fcntl(taken, F_GETFL) >= 0)
        // Another test may have got the number since; this one is not ours any more.
        withExtendedLifetime(number) {}
    }
}
