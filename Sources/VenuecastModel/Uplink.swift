/// What the venues take of the line out of the house, and whether that leaves enough: one rule for whoever asks beforehand
/// (`config check`) and for whoever asks an hour before (`lineup`).
public enum Uplink {
    /// Transport stream, SRT, UDP and IP come on top of picture and sound.
    public static let overhead = 1.08
    /// So much of a line may be taken: what is sent again after a loss needs room as well.
    public static let share = 0.9

    /// - Parameters:
    ///   - neededMbps: by all venues together.
    ///   - capacityMbps: what the line carries.
    public static func leavesRoom(neededMbps: Double, of capacityMbps: Double) -> Bool {
        neededMbps <= capacityMbps * share
    }
}
