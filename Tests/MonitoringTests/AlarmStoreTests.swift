import Alarms
import Logging
import Rig
import Testing

@testable import Monitoring

@Suite struct AlarmStoreTests {
    /// However many are handed over while the disk is slow: what is there in the end is the newest.
    @Test func keepsTheNewest() async throws {
        let workspace = try Workspace()
        let path = workspace.file("alarms.json")
        let store = AlarmStore(path: path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        for number in 1...200 { store.save(AlarmLedger.Saved(number: number, alarms: [])) }
        // A busy disk may take longer than anybody waits for it.
        _ = await store.saveInTime(AlarmLedger.Saved(number: 201, alarms: []))
        try await waitFor("the newest") { store.load()?.number == 201 ? true : nil }
        // It says so where it is not.
        let nowhere = AlarmStore(
            path: workspace.file("missing/alarms.json"),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        nowhere.save(AlarmLedger.Saved(number: 1, alarms: []))
        #expect(await nowhere.saveInTime(AlarmLedger.Saved(number: 2, alarms: [])) != nil)
    }
}
