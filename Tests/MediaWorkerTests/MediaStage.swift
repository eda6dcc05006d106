import GStreamer
import Rig
import Synchronization

/// What a test plays on: a directory of its own, and everything that it starts; all of that is ended, the newest first,
/// however the test ends.
protocol MediaStage: Sendable {
    var ground: StageGround { get }
    init(_ ground: StageGround) throws
}

final class StageGround: Sendable {
    let workspace: Workspace
    private let undo = Mutex<[@Sendable () async -> Void]>([])

    fileprivate init() throws {
        workspace = try Workspace()
    }

    fileprivate func atEnd(_ step: @escaping @Sendable () async -> Void) {
        undo.withLock { $0.append(step) }
    }

    fileprivate func clear() async {
        while let step = undo.withLock({ $0.popLast() }) { await step() }
        workspace.cleanUp()
    }
}

extension MediaStage {
    static func run(_ body: (Self) async throws -> Void) async throws {
        GStreamer.initialize()
        let ground = try StageGround()
        do {
            try await body(try Self(ground))
            await ground.clear()
        } catch {
            await ground.clear()
            throw error
        }
    }

    var workspace: Workspace { ground.workspace }
    var directory: String { workspace.path }

    func atEnd(_ step: @escaping @Sendable () async -> Void) {
        ground.atEnd(step)
    }
}
