import FoundationEssentials
import GStreamer
import Glibc
import LinuxSystem
import Logging
import WorkerProtocol

/// `venuecast-worker IDENTITY.json`; `--check-pipeline FILE [4:2:0|4:2:2]`; `--build-registry`; `--version`.
public enum WorkerMain {
    public static func run(_ arguments: [String]) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        // Media goes before everything else on the machine, where we may say so (root, or LimitNICE=).
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, -10)
        switch arguments.first {
        case "--version":
            print(WorkerProcess.version)
            return WorkerProcess.Exit.done
        case "--build-registry":
            // gst_init reads or writes the registry that GST_REGISTRY names.
            GStreamer.initialize()
            return WorkerProcess.Exit.done
        case "--probe" where arguments.count == 2:
            return await ProbeMain.run(arguments[1])
        case "--check-pipeline" where arguments.count == 2:
            return check(arguments[1], nil)
        case "--check-pipeline" where arguments.count == 3 && HouseFormat.Chroma(rawValue: arguments[2]) != nil:
            return check(arguments[1], HouseFormat.Chroma(rawValue: arguments[2]))
        case .some(let path) where arguments.count == 1 && !path.hasPrefix("-"):
            return await work(path)
        default:
            complain(
                "usage: venuecast-worker IDENTITY.json | --check-pipeline FILE [4:2:0|4:2:2] | --build-registry | --version"
            )
            return 64
        }
    }

    static func work(_ path: String) async -> Int32 {
        let identity: WorkerIdentity
        do {
            identity = try JSONDecoder().decode(WorkerIdentity.self, from: Data(try Files.read(path)))
        } catch {
            complain("\(path): is not a worker's identity: \(error)")
            return WorkerProcess.Exit.unusable
        }
        let logger = Logger(label: identity.id) { JournalLogHandler(label: $0) }
        let directory = Files.directory(of: Files.directory(of: path))
        let paths = RunPaths(directory: directory)
        func leave(_ sentence: String, _ status: Int32) -> Int32 {
            logger.error("\(sentence)")
            try? Files.writeAtomically(paths.lastWords(identity.id), Array(sentence.utf8))
            return status
        }
        let lock: LockFile
        do {
            lock = try await Self.lock(paths.lock(identity.id))
        } catch let error as SystemError where error.code == EAGAIN {
            return leave("another process does this worker's work: \(error)", WorkerProcess.Exit.occupied)
        } catch {
            return leave("\(error)", WorkerProcess.Exit.unusable)
        }
        do {
            let worker = try WorkerProcess(identity: identity, paths: paths, logger: logger)
            let signals = [SIGTERM, SIGINT].map { SignalSource($0) { worker.terminate() } }
            let status = await worker.run()
            // Both are held to the very end.
            withExtendedLifetime((lock, signals)) {}
            return status
        } catch {
            return leave("\(error)", WorkerProcess.Exit.unusable)
        }
    }

    /// A predecessor that has just been killed may take a moment to go.
    private static func lock(_ path: String) async throws -> LockFile {
        let end = ContinuousClock.now + .seconds(2)
        while true {
            do {
                return try LockFile.acquire(path)
            } catch let error as SystemError where error.code == EAGAIN && ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Whether the file parses with its defaults, in this machine's GStreamer.
    /// - Parameter chroma: of the house its pictures have to be for; nil: any.
    private static func check(_ path: String, _ chroma: HouseFormat.Chroma?) -> Int32 {
        GStreamer.initialize()
        do {
            let file = try PipelineFile(path: path)
            let house = HouseFormat(width: 1280, height: 720, frameRate: 25, chroma: chroma ?? .yuv420)
            var values: [String: PlaceholderValue] = [:]
            for name in file.capsPlaceholders where house.placeholders[name] == nil && file.defaults[name] == nil {
                values[name] = .integer(1)
            }
            try file.check(values, house, expecting: chroma.map { "video/x-raw,format=\($0.pictureFormat)" })
            return WorkerProcess.Exit.done
        } catch {
            complain("\(error)")
            return WorkerProcess.Exit.unusable
        }
    }

    private static func complain(_ sentence: String) {
        let line = Array((sentence + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

/// Which job a specification asks for.
func makeJob(_ context: JobContext) throws -> any MediaJob {
    let specification = context.identity.specification
    GStreamer.initialize()
    switch specification.role {
    case .input(let role): return try InputJob(context: context, specification: specification, role: role)
    case .program(let role): return try ProgramJob(context: context, specification: specification, role: role)
    case .link(let role): return try LinkJob(context: context, specification: specification, role: role)
    case .recorder(let role): return try RecorderJob(context: context, specification: specification, role: role)
    case .confidence(let role): return try ConfidenceJob(context: context, specification: specification, role: role)
    }
}
